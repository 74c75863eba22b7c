"""Brings the installed version of the course into a learner's folder, losing no work."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from pathlib import Path

from grader.cli.installed import installed_version
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.course import catalog
from grader.errors import GraderError, UsageError
from grader.folder.handout import given
from grader.folder.marker import Marker, marker_of, read_marker
from grader.folder.plan import Change, Fate, Standing, planned, writes
from grader.folder.renewal import cut_short, last_done, renew, take_back
from grader.practice.progress import Progress, open_store, place
from grader.render.invocation import Invocation
from grader.results import Outcome

__all__ = ["Updated", "behind", "declare", "run"]

_UNTOUCHED = (Outcome.NOT_STARTED, Outcome.MISSING)


@dataclass(frozen=True)
class Updated:
    """Result: what was done with which file, or would be.

    done: whether anything was written. cut_short: whether there was an update to take back first.
    left: files that changed meanwhile.
    """

    changes: tuple[Change, ...]
    invocation: Invocation
    version: str
    dry: bool = False
    done: bool = False
    cut_short: bool = False
    left: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    exit_code: int = 0

    def view(self) -> str:
        return "\n".join([*self._before(), *self._files(), *self._diffs(), *self._after()])

    def _before(self) -> list[str]:
        if not self.cut_short:
            return []
        what = "would be" if self.dry else "was"
        return [f"An update that was cut short {what} taken back first."]

    def _files(self) -> list[str]:
        if not self.changes:
            if self.done:
                return ["Nothing of this version is new to you."]
            return [f"All files are of version {self.version}: nothing to do."]
        widest = max(len(change.given.path) for change in self.changes)
        return [f"{one.given.path:<{widest}}  {self._said(one)}" for one in self.changes]

    def _said(self, change: Change) -> str:
        if change.written and change.written in self.left:
            return "left alone: you have just changed it"
        if change.beside:
            return f"{change.fate.value}. The new one is beside it: {Path(change.beside).name}"
        if change.fate is Fate.LEFT:
            reset = self.invocation.command(f"reset {change.given.exercise}")
            return f"{change.fate.value}. To have it: {reset}"
        return str(change.fate.value)

    def _diffs(self) -> list[str]:
        """What is new in the versions that the learner has to take over by hand."""
        found = [one.diff() for one in self.changes if one.beside]
        return [line for diff in found if diff for line in ("", diff)]

    def _after(self) -> list[str]:
        if self.dry and self.changes:
            return ["", f"Nothing was done. To do it: {self.invocation.command('update')}"]
        if not self.done:
            return []
        undo = self.invocation.command("update --undo")
        return ["", f"This is version {self.version}. To take the update back: {undo}"]


@dataclass(frozen=True)
class TakenBack:
    """Result: the last update was taken back, but for files that were changed since."""

    left: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    exit_code: int = 0

    def view(self) -> str:
        kept = [f"{path} stays: you have changed it since." for path in self.left]
        return "\n".join(["The last update was taken back.", *kept])


def declare(parser: Parser) -> None:
    """Declare the two ways to change one's mind."""
    parser.take("--dry-run", "--undo")


def run(options: Namespace) -> Updated | TakenBack:
    """Look, then do it. Raises `UsageError` in a clone."""
    if not catalog.is_installed():
        raise UsageError("This is a clone of the course: `git pull` brings what is new.")
    home = catalog.find_home()
    if options.undo:
        return _undo(home)
    cut = cut_short(home)
    if cut is not None and not options.dry_run:
        take_back(home, cut)
    return replace(_updated(home, dry=options.dry_run), cut_short=cut is not None)


def _updated(home: Path, *, dry: bool) -> Updated:
    marker, version = read_marker(home), installed_version()
    changes = planned(home, marker, given(), _standing(home))
    updated = Updated(changes, invocation(), version, dry=dry)
    if dry or not (_is_older(marker) or any(one.written for one in changes)):
        return updated
    left = renew(home, writes(changes, given(), version))
    return replace(updated, left=left, done=True)


def _undo(home: Path) -> TakenBack:
    journal = cut_short(home) or last_done(home)
    if journal is None:
        raise UsageError("There is no update to take back.")
    return TakenBack(take_back(home, journal))


def _standing(home: Path) -> Standing:
    """Return what has passed and what was begun, as the progress and the backups tell."""
    known: tuple[Progress, ...] = ()
    if place(home).exists():  # opening it would make one
        with open_store(place(home)) as store:
            known = tuple(store.progress().values())
    begun = {
        one.exercise for one in known if one.outcome not in _UNTOUCHED or one.passed_at or one.hints
    }
    backups = [path.name for path in (home / "exercises" / "backups").glob("*")]
    ids = [entry.id for entry in catalog.exercises()]
    begun |= {one for one in ids if any(name.startswith(f"{one}-") for name in backups)}
    passed = {one.exercise for one in known if one.passed_at}
    return Standing(frozenset(passed), frozenset(begun))


def _is_older(marker: Marker) -> bool:
    return marker.files != marker_of(given(), "").files


def behind() -> str:
    """Return what to say about a course folder of another version; "" if there is nothing to say."""
    home = catalog.home_above() if catalog.is_installed() else None
    try:
        if home is None or not _is_older(read_marker(home)):
            return ""
    except GraderError:  # `update` and `doctor` say more
        return ""
    update = invocation().command("update")
    return f"This folder is not of the installed version. To bring that in: {update}"
