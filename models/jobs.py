"""Work to be done behind a commit: outbox and queue in one table."""

from datetime import datetime
from typing import Any
from uuid import UUID

from models.table import Column, Stored


class Job(Stored):
    """Something to do at `run_at`, written in the transaction that wants it.

    `leased_until` belongs to the worker and attempt that claimed it. `failed_at`: given up, for the operator to see.
    What must not be read stands sealed in the payload, and goes when the job is done.
    """

    kind = Column[str]()
    organization_id = Column[UUID | None]()
    payload = Column[dict[str, Any]]()
    run_at = Column[datetime]()
    attempts = Column[int]()
    leased_until = Column[datetime | None]()
    created_at = Column[datetime]()
    done_at = Column[datetime | None]()
    failed_at = Column[datetime | None]()
    last_error = Column[str | None]()


class StoredAnswer(Stored):
    """What a change answered under an idempotency key: ids and codes, never a secret. Forgotten at `kept_until`.

    `fingerprint` is the SHA-256 of what was asked; the same key for anything else is a conflict.
    """

    user_id = Column[UUID]()
    organization_id = Column[UUID | None]()
    key = Column[str]()
    fingerprint = Column[bytes]()
    answer = Column[dict[str, Any]]()
    created_at = Column[datetime]()
    kept_until = Column[datetime]()
