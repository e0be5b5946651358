# The server alone: `serve` by default; `docker run purser migrate`, or any other command of `python -m purser`.

FROM python:3.11-slim AS installed
COPY requirements/runtime.lock /requirements/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /requirements/runtime.lock

FROM python:3.11-slim AS web
WORKDIR /app
COPY requirements/build.lock requirements/
RUN pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
    --require-hashes -r requirements/build.lock
COPY scripts/ scripts/
COPY web/ web/
COPY schema/schema.graphql schema/
RUN python -m scripts.build_web

FROM python:3.11-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin purser \
    && install -d -o purser -g purser /data
WORKDIR /app
COPY --from=installed /venv /venv
COPY LICENSE ./
COPY billing/ billing/
COPY execution/ execution/
COPY mailer/ mailer/
COPY models/ models/
COPY purser/ purser/
COPY resolvers/ resolvers/
COPY schema/ schema/
COPY --from=web /app/web/dist web/dist
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PURSER_HOST=0.0.0.0 PURSER_DATA_DIR=/data
RUN python -m compileall -q billing execution mailer models purser resolvers schema
USER purser
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('PURSER_PORT') or 8000}/health/ready\", timeout=4)"]
ENTRYPOINT ["python", "-m", "purser"]
CMD ["serve"]
