"""What the repository promises about itself."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
# Names of the architecture, whether their package is there yet or not; ours may be installed as purser.
NAMES = {
    "bench",
    "billing",
    "execution",
    "mailer",
    "models",
    "purser",
    "resolvers",
    "schema",
    "scripts",
    "tests",
    "web",
}


def project() -> Any:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def packages() -> list[str]:
    """The packages of the server."""
    return list(project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def modules(*names: str) -> Iterator[Path]:
    for name in names:
        yield from sorted((ROOT / name).rglob("*.py"))


def test_no_installed_distribution_owns_one_of_our_names() -> None:
    owned = {name: set(owners) - {"purser"} for name, owners in packages_distributions().items() if name in NAMES}
    assert not {name: owners for name, owners in owned.items() if owners}


def test_every_package_is_in_the_wheel() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"bench", "scripts", "tests"}
    assert found == set(packages())


def test_image_holds_every_package() -> None:
    copied = re.findall(r"^COPY (\w+)/ \1/$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert set(packages()) <= set(copied)
    assert set(packages()) <= set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))


def test_locks_are_all_there() -> None:
    assert [lock.stem for lock in LOCKS] == ["build", "runtime", "test"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_lock_names_no_host(lock: Path) -> None:
    assert not re.findall(r"\w+://\S+|--(?:extra-)?index-url|--find-links|\S+\.(?:com|org|io)\b", lock.read_text())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_lock_pins_every_release_by_hash(lock: Path) -> None:
    entries = re.split(r"^(?=[a-z])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_locks_agree_with_what_the_project_asks_for() -> None:
    runtime = (ROOT / "requirements" / "runtime.lock").read_text()
    asked = {re.split(r"[^\w-]", need)[0] for need in project()["project"]["dependencies"]}
    assert {name for name in asked if f"\n{name}==" not in f"\n{runtime}"} == set()


def test_tests_run_on_what_the_server_runs_on() -> None:
    runtime, test = (
        set(re.findall(r"^[\w-]+==\S+", (ROOT / "requirements" / f"{name}.lock").read_text(), re.MULTILINE))
        for name in ("runtime", "test")
    )
    assert runtime <= test


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in modules(*packages(), "scripts")}
    assert lengths
    assert {str(path) for path, length in lengths.items() if length > 400 and "migrations" not in path.parts} == set()


def test_only_purser_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in modules(*packages())
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute | ast.alias) and _named(node) in {"environ", "environb", "getenv"}
    }
    assert {reader for reader in readers if not reader.startswith("purser/")} == set()
    assert "purser/settings.py" in readers


def test_changelog_begins_with_the_version_of_the_project() -> None:
    versions = re.findall(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == project()["project"]["version"]


def _named(node: ast.Attribute | ast.alias) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.name
