"""Asks a clone when a file was last committed, without trusting anything that the clone is set up to do.

A repository's own settings can make Git run programs (`gpg.program`, `core.fsmonitor`, hooks, filters).
So Git is run in an empty repository of ours, which borrows only the objects of the clone; where its
HEAD is, is read from its files.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.intake.places import InFolder

__all__ = ["Commits", "Unknown"]

PATIENCE = 30.0  # seconds for one clone
LARGEST = 4 << 20  # bytes of a list of references
_HASH = re.compile(r"[0-9a-f]{40}")
_REFERENCE = re.compile(r"ref: (refs/[^\x00-\x20~^:?*\[\\]+)")
_SETTINGS = ("core.commitGraph=false", "core.multiPackIndex=false", "log.showSignature=false")


class Unknown(Exception):
    """A clone does not say when; the message is the reason, in a few words."""


@dataclass(frozen=True)
class Commits:
    """Reads clones' histories with the `git` of this machine. own: an empty folder, for its files."""

    own: Path

    @classmethod
    def begin(cls, own: Path) -> Commits:
        """Make the repository. Raises `UsageError` when there is no `git`."""
        commits = cls(own)
        try:
            commits._git(["init", "--quiet", "--bare", str(own)], {})
        except OSError:
            raise UsageError(
                "--times git needs git, which is not installed: install it, or give a CSV of "
                "submission,time."
            ) from None
        return commits

    def last(self, clone: Path, files: Sequence[str]) -> str:
        """Return when the last commit changed one of these files: ISO 8601 with its offset.

        files: paths from the clone's top. Raises `Unknown`.
        """
        head = _head(clone)
        paths = [f":(literal){one}" for one in files]
        words = ["log", "-1", "--format=%cI", "--no-mailmap", head, "--", *paths]
        try:
            found = self._git(words, self._borrowed(clone))
        except (OSError, subprocess.SubprocessError):
            raise Unknown("its history cannot be read") from None
        if not found:
            raise Unknown("no commit has what counts")
        return found

    def _borrowed(self, clone: Path) -> dict[str, str]:
        objects = str(clone / ".git" / "objects")
        # A colon separates two folders, unless it is quoted.
        quoted = '"' + objects.replace("\\", "\\\\").replace('"', '\\"') + '"'
        shallow = clone / ".git" / "shallow"
        more = {"GIT_SHALLOW_FILE": str(shallow)} if shallow.is_file() else {}
        return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": quoted, **more}

    def _git(self, words: Sequence[str], more: dict[str, str]) -> str:
        settings = [word for one in _SETTINGS for word in ("-c", one)]
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        environment = {
            **kept,
            "GIT_DIR": str(self.own),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            **more,
        }
        done = subprocess.run(
            ["git", *settings, *words],  # noqa: S607 - the instructor's own git
            env=environment,
            cwd=self.own,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=PATIENCE,
        )
        return done.stdout.decode("ascii", "replace").strip()


def _head(clone: Path) -> str:
    """Return the commit that is checked out."""
    text = _read(clone, "HEAD")
    if _HASH.fullmatch(text):
        return text
    found = _REFERENCE.fullmatch(text)
    if found is None or ".." in found[1]:
        raise Unknown("it does not say what is checked out")
    try:
        loose = _read(clone, *found[1].split("/"))
    except Unknown:
        loose = _packed(clone, found[1])
    if not _HASH.fullmatch(loose):
        raise Unknown("nothing is committed in it")
    return loose


def _packed(clone: Path, reference: str) -> str:
    lines = (line.partition(" ") for line in _read(clone, "packed-refs").splitlines())
    return next((commit for commit, _, name in lines if name == reference), "")


def _read(clone: Path, *parts: str) -> str:
    """Return a file of a clone's `.git`, on whose path no link is followed."""
    try:
        with InFolder(clone, (".git", *parts)).open() as file:
            return file.read(LARGEST).decode("utf-8", "replace").strip()
    except OSError:
        raise Unknown("nothing is committed in it, or it is no clone of its own") from None
