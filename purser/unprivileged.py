"""As whom PostgreSQL runs when Purser is root, which PostgreSQL refuses to be."""

import os
import pwd
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "purser"
ACL = "system.posix_acl_access"
# Tags of an access control list: its owner, a named user, its group, the mask over both, everybody else.
OWNER, USER, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NOBODY = 0xFFFFFFFF
SEARCH = 1


class AccountError(Exception):
    """PostgreSQL cannot run as an ordinary user here; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """An ordinary user of this machine."""

    uid: int
    gid: int

    def popen(self) -> dict[str, Any]:
        """What makes subprocess run a command as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def admit(self, path: Path) -> None:
        """Let this user reach `path`: each closed directory above it is opened to this user alone, and for passing."""
        if self._reaches(path):
            return
        for directory in (*reversed(path.parents), path):
            if not self._reaches(directory):
                _allow_search(directory, self.uid)

    def _reaches(self, path: Path) -> bool:
        question: list[str | Path] = ["/usr/bin/env", "test", "-x", path]
        return subprocess.run(question, cwd="/", check=False, **self.popen()).returncode == 0  # noqa: S603


def account(cluster: Path) -> Account | None:
    """Whoever is to run the cluster's PostgreSQL: None for ourselves; for root, its owner or a user made for it."""
    if os.geteuid() != 0:
        return None
    owner = cluster.stat().st_uid if cluster.exists() else 0
    entry = pwd.getpwuid(owner) if owner else _own_user()
    return Account(entry.pw_uid, entry.pw_gid)


def _own_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return _new_user()


def _new_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        # Another start may have made it in the meantime.
        if NAME not in {entry.pw_name for entry in pwd.getpwall()}:
            raise AccountError(
                f"PostgreSQL refuses to run as root and no user {NAME} could be made for it: "
                "run Purser as an ordinary user, or set PURSER_DATABASE_URL."
            ) from None
    return pwd.getpwnam(NAME)


def _allow_search(directory: Path, uid: int) -> None:
    entries = _entries(directory)
    entries[USER, uid] = SEARCH
    entries[MASK, NOBODY] = entries.get((MASK, NOBODY), entries[GROUP, NOBODY]) | SEARCH
    # The kernel wants them sorted by tag and id.
    packed = [struct.pack("<HHI", tag, bits, who) for (tag, who), bits in sorted(entries.items())]
    try:
        os.setxattr(directory, ACL, struct.pack("<I", 2) + b"".join(packed))
    except (OSError, AttributeError):
        raise AccountError(
            f"PostgreSQL refuses to run as root, and the user it runs as may not enter {directory}: "
            "move Purser and PURSER_DATA_DIR to a place open to other users, or run Purser as an ordinary user."
        ) from None


def _entries(directory: Path) -> dict[tuple[int, int], int]:
    try:
        packed = os.getxattr(directory, ACL)[4:]
    except (OSError, AttributeError):
        mode = directory.stat().st_mode
        return {(OWNER, NOBODY): mode >> 6 & 7, (GROUP, NOBODY): mode >> 3 & 7, (OTHER, NOBODY): mode & 7}
    return {(tag, who): bits for tag, bits, who in struct.iter_unpack("<HHI", packed)}
