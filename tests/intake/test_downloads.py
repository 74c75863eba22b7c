"""Downloads of Canvas, Moodle and Gradescope, as they are: who is who, and whose file is whose."""

from __future__ import annotations

import builtins
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.class_results import Sender
from grader.errors import UsageError
from grader.intake import Entry, take_in
from tests.intake.layouts import (
    Files,
    Person,
    blackboard_download,
    brightspace_download,
    canvas_download,
    gradescope_export,
    moodle_download,
    without_utf8_flag,
    write_folder,
    write_zip,
)

IDS = ("ex1_add_maxsize", "ex2_build_retry_loop")
EX1, EX2 = (f"{name}.py" for name in IDS)
ADA = Person("Ada Lovelace", "101", sid="S1", login="ada", email="ada@school.edu")
JOSE = Person("José O'Brien-Núñez", "102", sid="S2", login="jose", email="jose@school.edu")
LI = Person("李 雷", "103", sid="S3", login="li", email="li@school.edu")
CLASS = (ADA, JOSE, LI)
CONTAINERS = ["download.zip", "download"]


def contents(entry: Entry) -> dict[str, bytes]:
    """What will be graded, read."""
    return {exercise: source.read() for exercise, source in entry.files.items()}


def taken(*paths: Path) -> dict[str, dict[str, bytes]]:
    """What is graded of each sender, by the platform's id."""
    with take_in(paths, IDS) as intake:
        return {"+".join(s.id for s in e.senders): contents(e) for e in intake.entries}


def uploads() -> dict[Person, Files]:
    """Two exercises of each, the first with the sender's name in it."""
    return {person: {EX1: person.name.encode(), EX2: b"2"} for person in CLASS}


@pytest.mark.parametrize("container", CONTAINERS)
def test_canvas(tmp_path: Path, container: str) -> None:
    """Every user's files are theirs, joined on the user's id; who was late is known."""
    path = canvas_download(tmp_path / container, uploads(), late=[JOSE])
    with take_in([path], IDS) as intake:
        assert [entry.name for entry in intake.entries] == [
            "lovelaceada_101",
            "obriennúñezjosé_102",
            "雷李_103",
        ]
        assert [e.senders[0].id for e in intake.entries] == [person.id for person in CLASS]
        assert {e.senders[0].platform for e in intake.entries} == {"canvas"}
        assert [entry.late for entry in intake.entries] == [False, True, False]
        assert [contents(e)[IDS[0]].decode() for e in intake.entries] == [p.name for p in CLASS]
        assert intake.unused == ()


def test_canvas_repeats_zips_and_text(tmp_path: Path) -> None:
    """The newest attachment counts, a zip is opened, and typed text is named as what it is."""
    zipped = write_zip(tmp_path / "w.zip", {f"work/{EX1}": b"zipped"}).read_bytes()
    files = {EX1: b"old", "ex1_add_maxsize-1.py": b"new", EX2: b"2", "notes.pdf": b""}
    path = canvas_download(
        tmp_path / "d", {ADA: files, JOSE: {EX1: b"old", "home work.zip": zipped}}
    )
    write_folder(path, {"lileli_104_text.html": b"<p>", "anon_Ab1cD_77_" + EX1: b"anonymous"})
    write_folder(path, {"LATE_anon_Ef2gH_78_" + EX1: b"late", "_105_9999_" + EX1: b"nameless"})
    with take_in([path], IDS) as intake:
        entries = {entry.name: entry for entry in intake.entries}
    assert contents(entries["lovelaceada_101"]) == {IDS[0]: b"new", IDS[1]: b"2"}
    assert contents(entries["obriennúñezjosé_102"]) == {IDS[0]: b"zipped"}
    assert [one.reason.partition(":")[0] for one in entries["lovelaceada_101"].unused] == [
        "an older upload",
        "not named like an exercise",
    ]
    typed = entries["lileli_104"]
    assert typed.unused[0].reason == "typed into the learning platform: not a file"
    assert typed.note == "lileli_104_text.html: typed into the learning platform: not a file."
    assert entries["anon_Ab1cD"].senders == (Sender("canvas", "Ab1cD"),)
    assert entries["anon_Ef2gH"].late
    assert contents(entries["105"]) == {IDS[0]: b"nameless"}


def test_canvas_assignments_are_joined(tmp_path: Path) -> None:
    """With an assignment for each exercise, a user's files of all downloads are one submission."""
    first = canvas_download(tmp_path / "1.zip", {p: {EX1: b"1"} for p in CLASS}, late=[ADA])
    second = canvas_download(tmp_path / "2.zip", {p: {EX2: b"2"} for p in CLASS[:2]}, first=9900)
    found = taken(first, second)
    assert found == {"101": {IDS[0]: b"1", IDS[1]: b"2"}, "102": {IDS[0]: b"1", IDS[1]: b"2"}} | {
        "103": {IDS[0]: b"1"}
    }


@pytest.mark.parametrize(
    ("name", "file"), [("doe_77", EX1), ("doe", f"88_{EX1}"), ("1_2_3", EX1), ("_9_", f"7_{EX1}")]
)
def test_nobody_passes_for_somebody_else_on_canvas(tmp_path: Path, name: str, file: str) -> None:
    """A name that fits two users' ids is its sender's or nobody's, and no other's file is lost."""
    path = write_folder(tmp_path / "d", {f"{name}_5_55_{file}": b"mallory"})
    write_folder(path, {f"victim_77_50_{EX1}": b"victim", f"other_55_40_{EX1}": b"other"})
    with take_in([path], IDS) as intake:
        found = {entry.senders[0].id: contents(entry) for entry in intake.entries}
        assert found.pop("5", {}) in ({}, {IDS[0]: b"mallory"})
        assert found == {"77": {IDS[0]: b"victim"}, "55": {IDS[0]: b"other"}}
        assert all("more than one Canvas user id" in one.reason for one in intake.unused)


@pytest.mark.parametrize("wrapped", ["submissions", "a/b"])
def test_a_download_may_lie_in_a_folder(tmp_path: Path, wrapped: str) -> None:
    """As programs unpack it; but a learner's own folder is not taken for a download."""
    canvas_download(tmp_path / "d" / wrapped, {ADA: {EX1: b"1"}})
    own: Files = {f"kim/victim_77_5_{EX1}": b"", f"kim/{EX1}": b"own"}
    with take_in([tmp_path / "d", write_folder(tmp_path / "class", own)], IDS) as intake:
        senders = [entry.senders[0] for entry in intake.entries]
    names = {"submissions": ("101", ""), "a/b": ("", "")}
    assert tuple(sorted((s.id for s in senders), reverse=True)) == names[wrapped]


def test_canvas_names_with_more_numbers(tmp_path: Path) -> None:
    """A year before a file's name, or a number after a person's, is told from an attachment."""
    zipped = write_zip(tmp_path / "w.zip", {EX1: b"1"}).read_bytes()
    doe = Person("Jo doe_77", "102")
    uploads: dict[Person, Files] = {
        ADA: {"2026_home_work.zip": zipped},
        doe: {EX1: b"2"},
        LI: {EX1: b"3"},
    }
    path = canvas_download(tmp_path / "d", uploads, first=8_000_000, late=[doe])
    assert taken(path) == {"101": {IDS[0]: b"1"}, "102": {IDS[0]: b"2"}, "103": {IDS[0]: b"3"}}


def test_a_name_that_may_be_anybodys(tmp_path: Path) -> None:
    """Where nothing tells, nobody gets the file, and it is said."""
    path = write_folder(tmp_path / "d", {f"doe_5_55_88_{EX1}": b"?", f"lee_6_60_{EX1}": b""})
    with take_in([path], IDS) as intake:
        assert [entry.name for entry in intake.entries] == ["lee_6"]
        assert "more than one Canvas user id" in intake.unused[0].reason


def test_very_long_names_in_zips(tmp_path: Path) -> None:
    """A name in a zip may be longer than any file's, and made to keep a pattern busy."""
    long = "_" * 60_000
    files = {f"{long}x": b"", f"{long}_1_2_{EX1}": b"", f"1_2{'_1' * 30_000}": b"", f"a/{EX1}": b""}
    with take_in([write_zip(tmp_path / "d.zip", files)], IDS) as intake:
        assert [entry.name for entry in intake.entries] == ["a"]
        assert len(intake.unused) == 3


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize(
    "layout", [{"flat": True}, {"underscore": True}, {"underscore": False}], ids=str
)
def test_moodle(tmp_path: Path, container: str, layout: Mapping[str, bool]) -> None:
    """Every participant's files are theirs, by the worksheet's number, in all of Moodle's layouts."""
    path = moodle_download(tmp_path / container, uploads(), **layout)
    with take_in([path], IDS) as intake:
        assert [entry.name for entry in intake.entries] == [f"{p.name}_{p.id}" for p in CLASS]
        assert [[replace(one, folder="") for one in e.senders] for e in intake.entries] == [
            [Sender("moodle", person.id, name=person.name)] for person in CLASS
        ]
        assert [contents(e)[IDS[0]].decode() for e in intake.entries] == [p.name for p in CLASS]


def test_moodle_hard_cases(tmp_path: Path) -> None:
    """Folders, zips and repeats within an upload; typed text; names that imitate the layout."""
    zipped = write_zip(tmp_path / "w.zip", {f"a/b/{EX2}": b"zipped"}).read_bytes()
    upload = {f"src/{EX1}": b"1", "ex1_add_maxsize (1).py": b"1b", "all.zip": zipped}
    imitation = {f"Ada Lovelace_101_assignsubmission_file_{EX1}": b"", EX1: b"own"}
    path = moodle_download(tmp_path / "d", {ADA: upload, JOSE: imitation})
    write_folder(path, {"Li_103_assignsubmission_onlinetext_/onlinetext.html": b"<p>"})
    flat = moodle_download(tmp_path / "flat", {JOSE: imitation}, flat=True)
    found = taken(path)
    assert found["101"] == {IDS[0]: b"1b", IDS[1]: b"zipped"}
    assert found["102"] == {IDS[0]: b"own"}
    assert found["103"] == {}
    assert taken(flat) == {"102": {IDS[0]: b"own"}}


def test_moodle_numbers_of_two_assignments_are_not_joined(tmp_path: Path) -> None:
    """A participant's number says nothing in another assignment."""
    first = moodle_download(tmp_path / "1", {ADA: {EX1: b"1"}})
    second = moodle_download(tmp_path / "2", {Person("Bob", "101"): {EX1: b"2"}})
    with take_in([first, second], IDS) as intake:
        assert [entry.name for entry in intake.entries] == ["Ada Lovelace_101", "Bob_101"]


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("wrapped", [True, False])
def test_gradescope(tmp_path: Path, container: str, wrapped: bool) -> None:
    """The metadata says who sent which folder, a group included; numbers keep their zeros."""
    zero = Person("O'Zero: #1", "", sid="007", email="zero@school.edu")
    groups: dict[tuple[str, Sequence[Person]], Files] = {
        ("11", (ADA, JOSE)): {EX1: b"both"},
        ("12", (zero,)): {f"deep/{EX2}": b"2"},
        ("13", ()): {EX1: b"nobody"},
    }
    path = gradescope_export(tmp_path / container, groups, wrapped=wrapped)
    with take_in([path], IDS) as intake:
        assert [entry.name for entry in intake.entries] == [f"submission_{n}" for n in (11, 12, 13)]
        both, one, nobody = intake.entries
        assert both.senders == tuple(
            Sender("gradescope", "11", p.name, p.sid, p.email) for p in (ADA, JOSE)
        )
        assert one.senders == (Sender("gradescope", "12", zero.name, "007", zero.email),)
        assert nobody.senders == (Sender("gradescope", "13"),)
        assert [contents(e) for e in intake.entries] == [
            {IDS[0]: b"both"},
            {IDS[1]: b"2"},
            {IDS[0]: b"nobody"},
        ]


def test_gradescope_with_plain_keys(tmp_path: Path) -> None:
    """Metadata that another tool has written anew names its senders as well."""
    metadata = b"submission_1: {submitters: [{name: Ada Lovelace, sid: '01', email: a@b.c}]}\n"
    files = {"submission_metadata.yml": metadata, f"submission_1/{EX1}": b"1"}
    with take_in([write_folder(tmp_path / "d", files)], IDS) as intake:
        (one,) = intake.entries
        assert one.senders == (Sender("gradescope", "1", "Ada Lovelace", "01", "a@b.c"),)


def test_gradescope_hard_cases(tmp_path: Path) -> None:
    """Records without folders are listed; folders without records are graded; odd records do."""
    path = write_folder(
        tmp_path / "d",
        {
            "submission_metadata.yml": b"submission_1: {':submitters': [x, {':sid': [1]}]}\n"
            b"submission_2: !ruby/object:Thing\n  :submitters: 3\nsubmission_3: null\n",
            f"submission_1/{EX1}": b"1",
            f"submission_2/{EX1}": b"2",
            f"submission_4/{EX1}": b"4",
        },
    )
    with take_in([path], IDS) as intake:
        assert [entry.name[-1] for entry in intake.entries] == ["1", "2", "4"]
        assert [e.senders[0].id for e in intake.entries] == ["1", "2", ""]
        assert [one.path for one in intake.unused] == ["submission_3"]


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (b"a: [", r"no YAML \(line \d\)"),
        (b"\xff\xfe\xff", "no YAML"),
        (b"- a", "does not list submissions"),
        (b"", "does not list submissions"),
        (b"? [a]\n: b", "no YAML"),
    ],
)
def test_gradescope_metadata_that_is_none(tmp_path: Path, metadata: bytes, message: str) -> None:
    """Metadata that cannot be understood is an error: without it nobody is anybody."""
    path = write_folder(tmp_path / "d", {"submission_metadata.yml": metadata, f"s/{EX1}": b""})
    with pytest.raises(UsageError, match=message):
        take_in([path], IDS)


def test_gradescope_metadata_beyond_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A metadata file of any size is not read into memory."""
    monkeypatch.setattr("grader.intake.gradescope.LARGEST", 10)
    path = gradescope_export(tmp_path / "d.zip", {("1", (ADA,)): {EX1: b""}})
    with pytest.raises(UsageError, match="is it Gradescope's own"):
        take_in([path], IDS)


def test_gradescope_without_pyyaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a Gradescope export needs PyYAML, and says so."""
    real = builtins.__import__

    def without(name: str, *rest: object, **named: object) -> object:
        if name == "yaml":
            raise ImportError(name)
        return real(name, *rest, **named)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(builtins, "__import__", without)
    taken(canvas_download(tmp_path / "c", {ADA: {EX1: b""}}))
    with pytest.raises(UsageError, match="needs PyYAML"):
        take_in([gradescope_export(tmp_path / "g", {("1", (ADA,)): {EX1: b""}})], IDS)


def test_gradescope_metadata_in_a_broken_zip(tmp_path: Path) -> None:
    """A download that is damaged where the metadata is, is an error that says so."""
    path = gradescope_export(tmp_path / "d.zip", {("1", (ADA,)): {EX1: b""}})
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("assignment_4711_export/submission_metadata.yml").header_offset + 90
    raw = bytearray(path.read_bytes())
    raw[at : at + 20] = bytes(20)
    path.write_bytes(raw)
    with pytest.raises(UsageError, match="cannot be read"):
        take_in([path], IDS)


def test_downloads_that_do_not_say_utf8(tmp_path: Path) -> None:
    """Canvas' zips hold names in UTF-8 and do not say so."""
    path = without_utf8_flag(canvas_download(tmp_path / "d.zip", uploads()))
    with take_in([path], IDS) as intake:
        assert intake.entries[-1].senders[0].name == "雷李"


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
people = st.lists(
    st.builds(
        lambda given, family, number: Person(f"{given} {family}", str(number)),
        words,
        words,
        st.integers(1, 10**9),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda person: person.id,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=people, platform=st.sampled_from(["canvas", "moodle", "flat moodle", "gradescope"]))
def test_nobodys_file_lands_with_somebody_else(
    people: list[Person], platform: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever people are called, each file is graded as its sender's."""
    path = tmp_path_factory.mktemp("d") / "download.zip"
    theirs: dict[Person, Files] = {person: {EX1: person.id.encode()} for person in people}
    if platform == "canvas":
        canvas_download(path, theirs)
    elif platform == "gradescope":
        gradescope_export(path, {(p.id, (p,)): files for p, files in theirs.items()})
    else:
        moodle_download(path, theirs, flat=platform.startswith("flat"))
    assert taken(path) == {person.id: {IDS[0]: person.id.encode()} for person in people}


@pytest.mark.parametrize("container", CONTAINERS)
def test_brightspace(tmp_path: Path, container: str) -> None:
    """A folder is an attempt; the overview beside them is nobody's work."""
    path = brightspace_download(tmp_path / container, uploads())
    with take_in([path], IDS) as intake:
        assert [entry.name for entry in intake.entries] == [f"{p.name}_{p.id}" for p in CLASS]
        assert [contents(e)[IDS[0]].decode() for e in intake.entries] == [p.name for p in CLASS]
        assert {entry.submitted for entry in intake.entries} == {"2025-10-10T10:22:00"}
        assert intake.unused == ()


def test_brightspaces_later_attempt_counts(tmp_path: Path) -> None:
    """Whatever its time is called, in a folder or before the file's own name."""
    files = {
        f"101-1 - Ada Lovelace - Oct 10, 2025 1022 AM/{EX1}": b"1",
        f"101-2 - Ada Lovelace - Oct 10, 2025 122 PM/{EX1}": b"2",
        f"102-3 - Jos\u00e9 - Nov 1, 2025 905 AM - {EX1}": b"3",
    }
    found = taken(write_zip(tmp_path / "d.zip", files))
    assert found == {"101": {IDS[0]: b"2"}, "102": {IDS[0]: b"3"}}


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("word", ["attempt", "Versuch", "tentative"])
def test_blackboard(tmp_path: Path, container: str, word: str) -> None:
    """Each is who the record says, also with an underscore in the user's name."""
    eve = Person("Eve Under Score", "104", login="eve_u")
    people = {**uploads(), eve: {EX1: b"Eve Under Score"}}
    path = blackboard_download(tmp_path / container, people, word=word)
    with take_in([path], IDS) as intake:
        assert [entry.name for entry in intake.entries] == ["ada", "eve_u", "jose", "li"]
        assert [e.senders[0].name for e in intake.entries] == [
            contents(e)[IDS[0]].decode() for e in intake.entries
        ]
        assert intake.entries[0].senders[0].sid == "ada"
        assert {entry.submitted for entry in intake.entries} == {"2026-03-02T10:11:12"}
        assert intake.unused == ()


def test_blackboards_later_attempt_counts(tmp_path: Path) -> None:
    """Of two, by the time in their names."""
    folder = blackboard_download(tmp_path / "d", {ADA: {EX1: b"new"}}, day=9)
    blackboard_download(folder, {ADA: {EX1: b"old"}}, day=3)
    assert taken(folder) == {"ada": {IDS[0]: b"new"}}


def test_gradescopes_times(tmp_path: Path) -> None:
    """When each was sent is known, with its zone."""
    path = gradescope_export(tmp_path / "g.zip", {("7", (ADA,)): {EX1: b"1"}})
    with take_in([path], IDS) as intake:
        assert intake.entries[0].submitted == "2026-03-02T10:11:12.131415+00:00"


@pytest.mark.parametrize(
    ("when", "sent"),
    [
        ("Mar 2, 2026 1205 AM", "2026-03-02T00:05:00"),
        ("Mar 2, 2026 12:05 AM", "2026-03-02T00:05:00"),
        ("Mar 2, 2026 9_05 PM", "2026-03-02T21:05:00"),
        ("2026-03-02 2105", "2026-03-02T21:05:00"),
        ("2 March, 2026 21.05", "2026-03-02T21:05:00"),
    ],
)
def test_brightspaces_times_as_tools_unpack_them(tmp_path: Path, when: str, sent: str) -> None:
    """The separator that a name cannot have everywhere may be there or not: it is one person."""
    front = "101-77 - Ada Lovelace"
    files = {f"{front} - {when}/{EX1}": b"1", f"{front} - Mar 1, 2026 1000 AM/{EX1}": b"0"}
    with take_in([write_folder(tmp_path / "d", files)], IDS) as intake:
        (one,) = intake.entries
        assert (one.name, one.submitted) == ("Ada Lovelace_101", sent)
        assert contents(one) == {IDS[0]: b"1"}
