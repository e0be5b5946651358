"""Puts the built pages into the wheel, as purser/web."""

import sys
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface[BuilderConfig]):
    """Builds web/ before the wheel is packed; not for an editable install, which reads web/dist in place."""

    def dependencies(self) -> list[str]:
        """What the build needs: the dependency group of the same name."""
        project = tomllib.loads((Path(self.root) / "pyproject.toml").read_text())
        group: list[str] = project["dependency-groups"]["build"]
        return group

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build and include the pages; ends the build in one line when that fails."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)  # an isolated build does not import from the project
        from scripts import build_web  # noqa: PLC0415 - only now can it be found

        try:
            if build_web.build():
                build_data["force_include"][str(build_web.DIST)] = "purser/web"
        except build_web.BuildError as error:
            self.app.abort(f"web: {error}")
