"""Takes in a class: turns folders and zips into one entry per submission."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from grader.class_results import Attempt, Sender, Unused
from grader.errors import UsageError
from grader.intake.archives import DOWNLOADED, list_archive
from grader.intake.attempts import Person, blackboard, brightspace, person_in
from grader.intake.drafts import Draft, entry_of, one_by_one
from grader.intake.entries import Entry, Intake
from grader.intake.folders import list_folder
from grader.intake.gradescope import METADATA, Sent, attempt_of, read_metadata
from grader.intake.guesses import Guess, Kind, Strength
from grader.intake.layouts import NOBODY, Tag, Unclear, is_platforms, likely_uploads, read_tag
from grader.intake.listing import Found
from grader.intake.names import Names, in_utf8, printable
from grader.intake.places import ZIP_TROUBLE, InFolder, Refused
from grader.intake.selection import NOT_NAMED
from grader.intake.shapes import is_class, is_clone, is_one_work
from grader.intake.shelves import Shelf, Top, folder_shelf, zip_shelf
from grader.intake.unpacking import OTHER_ARCHIVES

__all__ = ["take_in", "work_in"]

RESULTS = "the results of an earlier run: no submission"
OURS = ("grading.sqlite3", "gradebook.csv")  # what such a folder holds
TYPED = "typed into the learning platform: not a file"
RECORD = 4_000  # bytes read of a record of an attempt: its first lines name the person


def take_in(
    paths: Iterable[Path | str],
    exercises: Iterable[str],
    *,
    leave: Iterable[Path | str] = (),
    attempts: bool = False,
) -> Intake:
    """Find the submissions in `paths`, and in each the files named like `exercises` (their ids).

    Each path is a folder with one entry per submission (a folder, a zip, or a file named like an
    exercise), a download of Canvas, Moodle, Brightspace, Blackboard or Gradescope (a zip or a
    folder), or one clone of the course. leave: paths that are not submissions, such as the folder
    of results. attempts: each attempt of a learner is a submission of its own; by default the newest
    file of each exercise counts.
    Reads only names and sizes; a `Source` reads its file on demand.
    Raises `UsageError` when a path is missing or unusable, or when no submission is found.
    """
    left = [Path(path).resolve() for path in leave]
    collector = _Collector(Names(exercises), left, attempts=attempts)
    with ExitStack() as stack:
        stack.callback(collector.resources.close)
        for path in paths:
            collector.collect(Path(path))
        intake = collector.intake()
        stack.pop_all()
    return intake


def work_in(folder: Path, exercises: Iterable[str]) -> Entry:
    """Return a folder that is one person's work, with the files named like `exercises` (their ids).

    Raises `UsageError` when it holds far too many files, or cannot be read.
    """
    try:
        listing = list_folder(folder)
    except Refused as refusal:
        raise UsageError(f"{folder} {refusal}: name the folder of one person's modules.") from None
    return entry_of(Draft(folder.name, listing=listing), Names(exercises))


class _Collector:
    """Collects the submissions of one argument after another."""

    def __init__(self, names: Names, leave: Sequence[Path], *, attempts: bool) -> None:
        self.resources = ExitStack()
        self._attempts = attempts
        self._names = names
        self._leave = {(path.parent, in_utf8(path.name)) for path in leave}
        self._drafts: dict[tuple[object, ...], Draft] = {}
        self._unused: list[Unused] = []
        self._arguments: set[Path] = set()
        self._shown = ""

    def intake(self) -> Intake:
        """Return what was collected. Raises `UsageError` when there is no submission."""
        if not self._drafts:
            raise UsageError(self._nothing_found())
        taken: set[str] = set()
        entries = []
        drafts = deque(self._drafts.values())
        self._drafts.clear()
        while drafts:  # each is let go as its entry comes: a class has many, with all their files
            draft = drafts.popleft()
            each = one_by_one(draft) if self._attempts else (draft,)
            entries += [self._entry(one, taken) for one in each]
        entries.sort(key=lambda entry: entry.name)
        unreadable = [one for one in self._unused if one.unreadable]
        return Intake(tuple(entries), tuple(self._unused), tuple(unreadable), self.resources)

    def _nothing_found(self) -> str:
        unread = next((one for one in self._unused if one.unreadable), None)
        if unread is not None:
            return f"{unread.path}: {unread.reason}. Download it again, or unpack it yourself."
        return (
            "There is no submission in what was given. Name a folder with one entry per submission "
            "(a folder, a zip, or a file named like an exercise), or the download of Canvas, Moodle, "
            "Brightspace, Blackboard or Gradescope."
        )

    def collect(self, path: Path) -> None:
        """Collect the submissions of one argument. Raises `UsageError` when it is unusable."""
        self._shown = printable(str(path))
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            raise UsageError(f"There is no {self._shown}: name a folder or a zip.") from None
        if real in self._arguments:
            self._unused.append(Unused(self._shown, "given twice"))
            return
        self._arguments.add(real)
        if real.is_dir():
            self._add_folder(real)
        elif real.is_file():
            self._add_file(real)
        else:
            raise UsageError(
                f"{self._shown} is neither a folder nor a file: name a folder or a zip."
            )

    def _add_folder(self, folder: Path) -> None:
        try:
            shelf = folder_shelf(folder)
            if is_clone(shelf, self._names):
                name = in_utf8(folder.name)
                draft = self._draft(("clone", folder), name, _sender_named(name))
                self._list_folder(draft, Top(name, None, shelf.whole))
                return
            left = [top for top in shelf.tops if (folder, top.name) not in self._leave]
            ours = [top for top in left if _is_results(folder, top)]
            self._unused += [Unused(printable(top.name), RESULTS) for top in ours]
            shelf = replace(shelf, tops=tuple(top for top in left if top not in ours))
            self._add_shelf(self._unwrapped(shelf, self._is_download))
        except OSError as error:
            why = error.strerror or error
            raise UsageError(f"{self._shown} cannot be read ({why}): name another.") from None

    def _add_file(self, file: Path) -> None:
        found = _found(file)
        if file.suffix.lower() == ".zip":
            self._add_zip(file, found)
        elif self._names.read(file.name) or _counts(self._names.guess(file.name)):
            self._add_top(Top(found.name, found))
        elif file.name.lower().endswith(OTHER_ARCHIVES):
            raise UsageError(
                f"{self._shown} is an archive that is no zip: unpack it, and name its folder."
            )
        else:
            raise UsageError(
                f"{self._shown} is neither a folder, a zip nor named like an exercise: name the "
                "folder that it is in, or the download of the learning platform."
            )

    def _add_zip(self, file: Path, found: Found) -> None:
        archive = DOWNLOADED.archive(found.place, keep=True)
        self.resources.callback(archive.close)
        try:
            listing = list_archive(archive, DOWNLOADED)
        except Refused as refusal:
            self._unused.append(Unused(self._shown, f"refused: {refusal}", unreadable=True))
            return
        shelf = self._unwrapped(
            zip_shelf(listing), lambda one: self._is_download(one) or is_class(one, self._names)
        )
        if not self._is_download(shelf) and is_one_work(shelf, self._names):
            name = in_utf8(file.name)
            stem = name.removesuffix(file.suffix)
            draft = self._draft(("zip", file), name, _sender_named(stem))
            draft.listing.add(listing)
        else:
            self._add_shelf(shelf)

    def _unwrapped(self, shelf: Shelf, is_wanted: Callable[[Shelf], bool]) -> Shelf:
        """Return the level inside the only folder if `is_wanted` accepts it, else `shelf`."""
        inner = None if self._is_download(shelf) else shelf.only_folder()
        if inner is not None and is_wanted(inner):
            return replace(inner, unused=shelf.unused + inner.unused)
        return shelf

    def _is_download(self, shelf: Shelf) -> bool:
        """Return True when most names are a platform's: a learner may have used a single one."""
        tagged = sum(is_platforms(top.name, folder=top.file is None) for top in shelf.tops)
        return shelf.file(METADATA) is not None or 2 * tagged > len(shelf.tops)

    def _add_shelf(self, shelf: Shelf) -> None:
        self._unused += shelf.unused
        metadata = self._metadata(shelf)
        uploads = likely_uploads(top.name for top in shelf.tops if top.file is not None)
        people = _people(shelf)
        for top in shelf.tops:
            if top.file is None and top.name in metadata:
                sent = metadata.pop(top.name)
                key = (len(self._arguments), "folder", top.name)
                draft = self._draft(key, top.name, sent.senders)
                draft.late, draft.submitted = sent.late, sent.submitted
                draft.attempt = attempt_of(sent) if self._attempts else None
                self._list_folder(draft, top)
            elif top.file is None or (top.name != METADATA and not _is_index(top, shelf)):
                self._add_top(top, uploads, people)
        for name in metadata:
            self._unused.append(Unused(printable(name), f"listed in {METADATA}, but not there"))

    def _metadata(self, shelf: Shelf) -> dict[str, Sent]:
        found = shelf.file(METADATA)
        if found is None:
            return {}
        shown = f"{self._shown}/{METADATA}"
        try:
            with found.place.open() as file:
                return read_metadata(file, shown)
        except ZIP_TROUBLE as error:
            raise UsageError(f"{shown} cannot be read ({error}): download it again.") from None

    def _add_top(
        self, top: Top, uploads: range = range(0), people: Mapping[str, Person] = NOBODY
    ) -> None:
        """Add a file or folder to its submission, or to the unused."""
        try:
            tag = read_tag(
                top.name, self._names, folder=top.file is None, uploads=uploads, people=people
            )
        except Unclear as reason:
            self._unused.append(Unused(printable(top.name), str(reason), unreadable=True))
            return
        if tag is not None:
            self._add_tagged(top, tag)
        elif top.file is None:
            draft = self._draft(
                (len(self._arguments), "folder", top.name), top.name, _sender_named(top.name)
            )
            self._list_folder(draft, top)
        elif top.name.lower().endswith((".zip", *OTHER_ARCHIVES)):
            stem = top.name[: -len(_suffix(top.name))]
            draft = self._draft(
                (len(self._arguments), "file", top.name), top.name, _sender_named(stem)
            )
            draft.listing.files.append(top.file)
        elif self._names.read(top.name) or _counts(self._names.guess(top.name)):
            draft = self._draft((len(self._arguments), "file", top.name), top.name, ())
            draft.listing.files.append(top.file)
        else:
            self._unused.append(Unused(printable(top.name), NOT_NAMED))

    def _add_tagged(self, top: Top, tag: Tag) -> None:
        # A Canvas user id, and an attempt, hold for every download; a Moodle number for one assignment.
        lasting = tag.sender.platform == "canvas" or (self._attempts and tag.attempt)
        scope = "" if lasting else len(self._arguments)
        sender = tag.sender
        key: tuple[object, ...] = (scope, "sender", sender.platform, sender.id or tag.name)
        if self._attempts and tag.attempt:
            draft = self._draft(
                (*key, tag.attempt), f"{tag.name} (attempt {tag.attempt})", (sender,)
            )
            draft.attempt = Attempt(tag.name, tag.upload)
        else:
            draft = self._draft(key, tag.name, (sender,))
        draft.late = draft.late or tag.late
        draft.late_uploads |= {tag.upload} if tag.late else set()
        if tag.submitted > draft.submitted:  # feedback goes to the newest attempt
            draft.submitted, draft.senders = tag.submitted, (sender,)
        if tag.record:
            return
        if tag.typed:
            draft.listing.leave((top.name,), TYPED)
        elif top.file is None:
            self._list_folder(draft, top, tag)
        else:
            draft.listing.files.append(replace(top.file, upload=tag.upload, called=tag.file))

    def _list_folder(self, draft: Draft, top: Top, tag: Tag | None = None) -> None:
        try:
            found = top.listing()
            upload = tag.upload if tag is not None else 0
            files = [replace(one, upload=upload) for one in found.files]
            draft.listing.add(replace(found, files=files))
        except Refused as refusal:
            draft.listing.leave((top.name,), f"refused: {refusal}", unreadable=True)

    def _draft(self, key: tuple[object, ...], name: str, senders: tuple[Sender, ...]) -> Draft:
        return self._drafts.setdefault(key, Draft(printable(name), senders))

    def _entry(self, draft: Draft, taken: set[str]) -> Entry:
        name, number = draft.name, 1
        while name in taken:
            number += 1
            name = f"{draft.name} ({number})"
        taken.add(name)
        return entry_of(replace(draft, name=name), self._names)


def _is_results(folder: Path, top: Top) -> bool:
    """Return True for what an earlier run wrote into the folder of the submissions."""
    # `Path.is_file` raises an error for a folder that may not be looked into.
    holds = (os.path.isfile(folder / top.name / name) for name in OURS)  # noqa: PTH113
    return top.file is None and all(holds)


def _is_index(top: Top, shelf: Shelf) -> bool:
    """Return True for the overview that Brightspace puts beside its folders."""
    return top.name == "index.html" and any(brightspace(other.name) for other in shelf.tops)


def _people(shelf: Shelf) -> dict[str, Person]:
    """Return whom Blackboard's records of attempts name, by the front of their files' names."""
    people = {}
    for top in shelf.tops:
        attempt = blackboard(top.name, NOBODY) if top.file is not None else None
        if attempt is None or attempt.file or top.file is None:
            continue
        try:
            with top.file.place.open() as file:
                person = person_in(file.read(RECORD).decode("utf-8-sig", "replace"))
        except (Refused, *ZIP_TROUBLE):
            continue
        if person is not None and attempt.front.endswith(f"_{person.id}"):
            people[attempt.front] = person
    return people


def _sender_named(name: str) -> tuple[Sender, ...]:
    """Return a sender known only by the name of a folder or zip."""
    return (Sender(name=printable(name)),)


def _counts(guess: Guess | None) -> bool:
    """Return True for a file that is a submission of its own, though it is not named as asked."""
    return (
        guess is not None
        and guess.strength > Strength.ASKED
        and guess.kind in (Kind.CODE, Kind.NOTEBOOK)
    )


def _suffix(name: str) -> str:
    return next(end for end in (".zip", *OTHER_ARCHIVES) if name.lower().endswith(end))


def _found(file: Path) -> Found:
    status = file.stat()
    place = InFolder(file.parent, (file.name,))
    return Found((in_utf8(file.name),), status.st_size, int(status.st_mtime), place)
