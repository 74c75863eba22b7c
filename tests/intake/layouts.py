"""Builds what learning platforms hand out: downloads of submissions, gradebooks, worksheets.

Every builder writes, or gives, the real layout of its platform; see `grader.intake.layouts`,
`grader.export.to_canvas` and `grader.export.to_moodle` for where each is described.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "Files",
    "Person",
    "blackboard_download",
    "blackboard_grades",
    "brightspace_download",
    "brightspace_grades",
    "canvas_download",
    "canvas_gradebook",
    "canvas_name",
    "gradescope_export",
    "moodle_download",
    "moodle_worksheet",
    "without_utf8_flag",
    "write_folder",
    "write_zip",
]

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Person:
    """A student. name: "Given Family"; id: of the platform; sid and login: the school's."""

    name: str
    id: str
    sid: str = ""
    login: str = ""
    email: str = ""

    @property
    def sortable(self) -> str:
        """The family name first, as Canvas has it."""
        given, _, family = self.name.rpartition(" ")
        return f"{family}, {given}" if given else family


def write_zip(path: Path, files: Files) -> Path:
    """A zip with these files, by their paths in it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def without_utf8_flag(path: Path) -> Path:
    """The same zip, as many a tool writes it: names in UTF-8, and nothing that says so."""
    raw = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        at = raw.find(magic)
        while at >= 0:
            raw[at + offset] &= 0xF7
            at = raw.find(magic, at + 1)
    path.write_bytes(raw)
    return path


def write_folder(path: Path, files: Files) -> Path:
    """A folder with these files, by their paths in it."""
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path


def _write(path: Path, files: Files) -> Path:
    return (write_zip if path.suffix == ".zip" else write_folder)(path, files)


def canvas_name(person: Person, file: str, attachment: int, *, late: bool = False) -> str:
    """What Canvas calls an upload in a download."""
    name = re.sub(r"_(\d+)_", r"\1", person.sortable).lower()
    parts = [name, "LATE" if late else None, person.id]
    front = re.sub(r"\W", "", "_".join(part for part in parts if part is not None))
    return f"{front}_{attachment}_" + re.sub(r'[/:*?"<>|]+', "_", file)


def canvas_download(
    path: Path, uploads: Mapping[Person, Files], *, late: Iterable[Person] = (), first: int = 9000
) -> Path:
    """A download of Canvas, a zip or a folder by `path`'s ending; attachments count from `first`."""
    late = set(late)
    numbered = enumerate(
        ((person, name, data) for person, files in uploads.items() for name, data in files.items()),
        first,
    )
    return _write(
        path, {canvas_name(p, name, n, late=p in late): data for n, (p, name, data) in numbered}
    )


def moodle_download(
    path: Path, uploads: Mapping[Person, Files], *, flat: bool = False, underscore: bool = True
) -> Path:
    """A download of Moodle: a folder per person, with or without the last underscore, or flat."""
    files = {}
    for person, theirs in uploads.items():
        front = f"{person.name.replace('_', ' ')}_{person.id}_assignsubmission_file"
        for name, data in theirs.items():
            inner = f"{front}_{name}" if flat else f"{front}{'_' * underscore}/{name}"
            files[inner] = data
    return _write(path, files)


def brightspace_download(path: Path, uploads: Mapping[Person, Files], *, first: int = 70) -> Path:
    """A download of Brightspace: a folder per attempt, beside an overview."""
    files = {"index.html": b"<html></html>"}
    for number, (person, theirs) in enumerate(uploads.items(), first):
        front = f"{person.id}-{number} - {person.name} - Oct 10, 2025 1022 AM"
        files |= {f"{front}/{name}": data for name, data in theirs.items()}
    return _write(path, files)


def brightspace_grades(
    people: Iterable[Person],
    items: Mapping[str, str] = {"Backpressure and retries": "20"},
    *,
    grades: Mapping[str, str] = {},
) -> bytes:
    """A grade export. items: names and maxima; grades: by a person's id."""
    headers = ["OrgDefinedId", "Username", "Last Name", "First Name", "Email"]
    headers += [
        f"{item} Points Grade <Numeric MaxPoints:{most} Weight:10>" for item, most in items.items()
    ]
    rows = [[*headers, "End-of-Line Indicator"]]
    for person in people:
        given, _, family = person.name.rpartition(" ")
        row = [f"#{person.sid}", f"#{person.login}", family, given, person.email]
        rows.append([*row, *[grades.get(person.id, "")] * len(items), "#"])
    return _csv(rows, ",", "\r\n").encode()


def blackboard_download(
    path: Path, uploads: Mapping[Person, Files], *, word: str = "attempt", day: int = 2
) -> Path:
    """A download of Blackboard: flat, with a record of each attempt."""
    files = {}
    for person, theirs in uploads.items():
        front = f"Retry Lab_{person.login}_{word}_2026-03-{day:02}-10-11-12"
        record = f"Name: {person.name} ({person.login})\nAssignment: Retry Lab\n"
        record += "Date Submitted: Monday, March 2, 2026 10:11:12 AM CET\n\nFiles:\n"
        for name, data in theirs.items():
            files[f"{front}_{name}"] = data
            record += f"\tOriginal filename: {name}\n\tFilename: {front}_{name}\n"
        files[f"{front}.txt"] = record.encode()
    return _write(path, files)


def blackboard_grades(
    people: Iterable[Person],
    items: Mapping[str, str] = {"Backpressure and retries [Total Pts: 20 Score] |501": ""},
    *,
    encoding: str = "utf-16",
    separator: str = "\t",
) -> bytes:
    """A download of the gradebook, as by default or as CSV. items: headers, and what the cells hold."""
    ahead = ["Last Name", "First Name", "Username", "Student ID", "Last Access", "Availability"]
    total = "Weighted Total [Total Pts: up to 0 Percentage] |400"
    rows = [[*ahead, total, *items]]
    for person in people:
        given, _, family = person.name.rpartition(" ")
        row = [family, given, person.login, person.sid, "2026-03-02 10:11:12", "Yes"]
        rows.append([*row, "", *items.values()])
    lines = (
        separator.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows
    )
    return "".join(lines).encode(encoding)


def gradescope_export(
    path: Path, uploads: Mapping[tuple[str, Sequence[Person]], Files], *, wrapped: bool = True
) -> Path:
    """An export of Gradescope: uploads by submission number and those who sent it together."""
    lines = ["---"]
    files: dict[str, bytes] = {}
    root = "assignment_4711_export/" if wrapped else ""
    for (number, people), theirs in uploads.items():
        lines += [f"submission_{number}:", "  :submitters:"]
        for person in people:
            lines += [f"  - :name: {_yaml(person.name)}", f"    :sid: '{person.sid}'"]
            lines += [f"    :email: {person.email}"] if person.email else []
        lines += ["  :created_at: 2026-03-02 10:11:12.131415000 Z", "  :score: 0.0"]
        lines += ["  :results:", "    tests: []"]
        files |= {f"{root}submission_{number}/{name}": data for name, data in theirs.items()}
    files[f"{root}submission_metadata.yml"] = ("\n".join(lines) + "\n").encode()
    return _write(path, files)


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def canvas_gradebook(
    people: Iterable[Person],
    assignments: Mapping[str, str] = {"Backpressure and retries (501)": "20.00"},
    *,
    posting: bool = True,
    bom: bool = True,
    newline: str = "\n",
    separator: str = ",",
    test_student: bool = True,
    grades: Mapping[str, str] = {},
) -> bytes:
    """A gradebook export. assignments: headers and points possible; grades: by a person's id."""
    ahead = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    totals = ["Current Score", "Unposted Current Score", "Final Score", "Unposted Final Score"]
    count = len(assignments)
    rows = [[*ahead, "Notes", *assignments, *totals]]
    if posting:
        rows.append(["", "", "", "", "", "", *["Manual Posting"] * count, "", "", "", ""])
    readonly = ["(read only)"] * len(totals)
    rows.append(["    Points Possible", "", "", "", "", "", *assignments.values(), *readonly])
    for p in people:
        grade = [grades.get(p.id, "")] * count
        rows.append([p.sortable, p.id, p.sid, p.login, "Section 1", "", *grade, "", "", "", ""])
    if test_student:
        blank = [""] * count
        rows.append(["Student, Test", "999", "", "fa3b", "Section 1", "", *blank, "", "", "", ""])
    text = _csv(rows, separator, newline)
    return ("\ufeff" * bom + text).encode()


def moodle_worksheet(
    people: Iterable[Person],
    *,
    headers: Mapping[str, str] = {},
    word: str = "Participant ",
    maximum: str = "100.00",
    feedback: str | None = "",
    grade: str = "",
    email: bool = True,
) -> bytes:
    """A grading worksheet. headers: translations of the English ones; feedback: None for no column."""
    columns = ["Identifier", "Full name", *["Email address"] * email, "Status", "Grade"]
    columns += ["Maximum Grade", "Grade can be changed", "Last modified (submission)"]
    columns += ["Last modified (grade)", *["Feedback comments"] * (feedback is not None)]
    rows = [[headers.get(column, column) for column in columns]]
    for person in people:
        row = [f"{word}{person.id}", person.name, *[person.email] * email, "Submitted for grading"]
        row += [grade, maximum, "Yes", "Monday, 2 March 2026, 10:11 AM", "-"]
        rows.append([*row, *[feedback or ""] * (feedback is not None)])
    return ("\ufeff" + _csv(rows, ",", "\n")).encode()


def _csv(rows: Iterable[Sequence[str]], separator: str, newline: str) -> str:
    """Rows as platforms write them: a cell with a line end of any kind is quoted."""
    lines = []
    for row in rows:
        out = io.StringIO()
        csv.writer(out, delimiter=separator, lineterminator="\r\n").writerow(row)
        lines.append(out.getvalue().removesuffix("\r\n") + newline)
    return "".join(lines)
