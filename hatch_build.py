"""Builds the wheel: what the course brings besides the package goes inside of it.

The tree stays as it is. In the wheel, `grader/bundle/` holds what a clone has beside `grader/`, so that
nothing but `grader` is importable, and `grader.course.catalog` knows by it that it is installed.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

GROUP = "grade"
EXTRAS = ("scale",)
BUNDLE = "grader/bundle"
BROUGHT = ("solutions/ex*.py", "docs/lesson/**/*", "docs/weathers/*", ".vscode/tasks.json")
"""What goes into the bundle, where it is there."""


class Requirements(MetadataHookInterface):
    """Takes what the grader needs from the groups that the noxfile installs: it is stated once."""

    def update(self, metadata: dict[str, Any]) -> None:
        project = tomllib.loads((Path(self.root) / "pyproject.toml").read_text(encoding="utf-8"))
        groups = project["dependency-groups"]
        metadata["dependencies"] = groups[GROUP]
        metadata["optional-dependencies"] = {name: groups[name] for name in EXTRAS}


class Bundle(BuildHookInterface[Any]):
    """Adds the bundle to the wheel."""

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        for pattern in BROUGHT:
            for path in sorted(root.glob(pattern)):
                if path.is_file():
                    inside = path.relative_to(root).as_posix()
                    build_data["force_include"][str(path)] = f"{BUNDLE}/{inside}"
