"""A class as folders, zips and single files: what is found, what counts, what is left and why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.intake import Entry, Intake, Unreadable, take_in
from grader.intake.names import is_litter
from tests.intake.layouts import Files, without_utf8_flag, write_folder, write_zip

IDS = (
    "ex1_add_maxsize",
    "ex2_build_retry_loop",
    "ex3_add_backoff",
    "ex4_add_jitter",
    "ex5_fix_task_done",
)
EX1, EX2 = "ex1_add_maxsize.py", "ex2_build_retry_loop.py"


def taken(*paths: Path, leave: tuple[Path, ...] = ()) -> dict[str, Entry]:
    """The entries by name."""
    with take_in(paths, IDS, leave=leave) as intake:
        return {entry.name: entry for entry in intake.entries}


def contents(entry: Entry) -> dict[str, bytes]:
    """What will be graded, read."""
    return {exercise: source.read() for exercise, source in entry.files.items()}


def reasons(entry: Entry | Intake) -> dict[str, str]:
    """Why what is not used is not."""
    return {one.path: one.reason for one in entry.unused}


def one(folder: Path, files: Files) -> Entry:
    """The entry of a class of one, given as a folder."""
    write_folder(folder / "class" / "kim", files)
    return taken(folder / "class")["kim"]


def test_folders_zips_and_files_are_entries(tmp_path: Path) -> None:
    """Each entry of the folder is a submission; the rest is listed."""
    write_folder(
        tmp_path / "class",
        {
            f"ada/{EX1}": b"1",
            f"bob/src/deep/{EX2}": b"2",
            EX2: b"3",
            "readme.txt": b"",
            "x.py": b"",
        },
    )
    write_zip(tmp_path / "class" / "cy.zip", {f"work/{EX1}": b"4"})
    with take_in([tmp_path / "class"], IDS) as intake:
        assert [entry.name for entry in intake.entries] == ["ada", "bob", "cy.zip", EX2]
        files = [contents(entry) for entry in intake.entries]
        assert files == [{IDS[0]: b"1"}, {IDS[1]: b"2"}, {IDS[0]: b"4"}, {IDS[1]: b"3"}]
        assert reasons(intake) == {
            "readme.txt": "not named like an exercise",
            "x.py": "not named like an exercise",
        }
        assert [entry.senders[0].name for entry in intake.entries[:3]] == ["ada", "bob", "cy"]


def test_names_are_read_without_regard_to_case(tmp_path: Path) -> None:
    """A file named like an exercise is one whatever the case."""
    entry = one(tmp_path, {"EX1_Add_MaxSize.PY": b"1", "ex2.py": b"2", "my_" + EX2: b"3"})
    assert contents(entry) == {IDS[0]: b"1", IDS[1]: b"3"}
    assert set(reasons(entry)) == {"ex2.py"}
    assert [(doubt.path, doubt.sure) for doubt in entry.doubts] == [
        ("my_" + EX2, True),
        ("ex2.py", False),
    ]


def test_the_newest_upload_counts(tmp_path: Path) -> None:
    """Of repeated uploads the highest number counts, and the others are listed."""
    files = {EX1: b"0", "ex1_add_maxsize-1.py": b"1", "ex1_add_maxsize-10.py": b"10"}
    files |= {"ex1_add_maxsize-2.py": b"2", EX2: b"0", "ex2_build_retry_loop (1).py": b"1"}
    entry = one(tmp_path, files)
    assert contents(entry) == {IDS[0]: b"10", IDS[1]: b"1"}
    assert reasons(entry)[EX1] == "an older upload: ex1_add_maxsize-10.py counts"
    assert len(entry.unused) == 4


def test_the_likelier_of_two_places_counts(tmp_path: Path) -> None:
    """Nearer to the top goes before deeper; at the same depth, what was changed last."""
    entry = one(tmp_path, {f"old/{EX1}": b"deep", EX1: b"top", f"a/{EX2}": b"a", f"b/{EX2}": b"b"})
    assert contents(entry)[IDS[0]] == b"top"
    kim = tmp_path / "class" / "kim"
    for newer, older in (("a", "b"), ("b", "a")):
        os.utime(kim / newer / EX2, (2_000_000_000, 2_000_000_000))
        os.utime(kim / older / EX2, (1_000_000_000, 1_000_000_000))
        assert contents(taken(tmp_path / "class")["kim"])[IDS[1]] == newer.encode()
    assert reasons(entry)[f"old/{EX1}"] == f"found a second time: {EX1} counts"


def test_a_clone_is_graded_on_its_exercises(tmp_path: Path) -> None:
    """The course's own solutions, checks and backups are not the learner's work."""
    course = {f"exercises/{EX1}": b"mine", f"solutions/{EX1}": b"yours", f"tests/{EX1}": b""}
    course |= {f"grader/course/{EX2}": b"checks", f"exercises/backups/{EX1}": b"old"}
    course |= {f".git/{EX1}": b"", f"exercises/__pycache__/{EX1}": b"", "README.md": b""}
    entry = one(tmp_path, {f"repo-main/{name}": data for name, data in course.items()})
    assert contents(entry) == {IDS[0]: b"mine"}
    why = reasons(entry)
    course_parts = ("solutions", "tests", "grader", "exercises/backups")
    assert {why[f"repo-main/{part}"] for part in course_parts} == {
        "of the course, not the learner's work"
    }
    assert why["repo-main/.git"] == "left behind by a tool or the system"


def test_a_clone_may_be_the_argument(tmp_path: Path) -> None:
    """A learner's clone itself is one submission, not a class of folders."""
    write_folder(tmp_path / "kim", {f"exercises/{EX1}": b"1", f"solutions/{EX1}": b"2", "a/b": b""})
    entries = taken(tmp_path / "kim")
    assert list(entries) == ["kim"]
    assert contents(entries["kim"]) == {IDS[0]: b"1"}


def test_solutions_of_ones_own_count(tmp_path: Path) -> None:
    """A folder called `solutions` is the learner's where it is not the course's."""
    assert contents(one(tmp_path, {f"solutions/{EX1}": b"1"})) == {IDS[0]: b"1"}


def test_litter_is_left(tmp_path: Path) -> None:
    """What systems and tools leave behind is nobody's submission and no upload."""
    litter = {f"__MACOSX/._{EX1}": b"", ".DS_Store": b"", f"._{EX1}": b"", f"{EX1}~": b""}
    entry = one(tmp_path, {EX1: b"1", f".venv/lib/{EX2}": b"2", **litter})
    assert contents(entry) == {IDS[0]: b"1"}
    assert set(reasons(entry).values()) == {"left behind by a tool or the system"}
    write_folder(tmp_path / "class", {"__MACOSX/kim/x": b"", ".git/config": b"", ".DS_Store": b""})
    assert list(taken(tmp_path / "class")) == ["kim"]


def test_zips_within_are_opened(tmp_path: Path) -> None:
    """A zip in a folder, and a zip in that, are looked into; a third is not."""
    deepest = write_zip(tmp_path / "3.zip", {IDS[2] + ".py": b"3"}).read_bytes()
    middle = write_zip(tmp_path / "2.zip", {EX2: b"2", "3.zip": deepest}).read_bytes()
    upper = write_zip(tmp_path / "1.zip", {EX1: b"1", "2.zip": middle}).read_bytes()
    entry = one(tmp_path, {"hand/in.zip": upper})
    assert contents(entry) == {IDS[0]: b"1", IDS[1]: b"2"}
    assert entry.files[IDS[1]].path == f"hand/in.zip/2.zip/{EX2}"
    assert reasons(entry) == {"hand/in.zip/2.zip/3.zip": "a zip too many: not opened"}


def test_other_archives_are_said_to_be_such(tmp_path: Path) -> None:
    """A learner with an archive that is no zip is in the class, with the reason."""
    write_folder(tmp_path / "class", {"kim.rar": b"Rar!", f"ada/{EX1}": b"", "lee.tar.gz": b""})
    entries = taken(tmp_path / "class")
    assert list(entries) == ["ada", "kim.rar", "lee.tar.gz"]
    assert entries["kim.rar"].note == "an archive that is not a zip: hand in a zip."
    assert entries["lee.tar.gz"].senders[0].name == "lee"


def test_single_files_go_to_whom_they_name(tmp_path: Path) -> None:
    """Files of one person, named by hand, are one submission."""
    files = {f"Ada L._{EX1}": b"1", f"Ada L.-{EX2}": b"2", f"bob {EX1}": b"3"}
    write_folder(tmp_path / "class", files)
    entries = taken(tmp_path / "class")
    assert {name: contents(entry) for name, entry in entries.items()} == {
        "Ada L": {IDS[0]: b"1", IDS[1]: b"2"},
        "bob": {IDS[0]: b"3"},
    }


def test_nothing_to_grade_is_an_entry_with_a_note(tmp_path: Path) -> None:
    """Who handed in something else is in the class, and it is said why nothing is graded."""
    entry = one(tmp_path, {"homework.docx": b"..."})
    assert (entry.files, entry.note) == ({}, "Nothing in it is named like an exercise.")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ex2.py", 2),
        ("ex2 (1).py", 2),
        ("Exercise 2 final.PY", 2),
        ("Übung 2.py", 2),
        ("Aufgabe02.py", 2),
        ("my_ex2_retry-loop.py", 2),
        ("ex2-build-retry-loop.py", 2),
        ("Ex2BuildRetryLoop.py", 2),
        ("build_retry_loop.py", 2),
        ("ex3_add_backoff - Copy.py", 3),
        ("ex3_add_backoff - Copy (2).py", 3),
        ("ex3_add_backoff - Kopie.py", 3),
        ("ex3_add_backoff \u2013 コピー.py", 3),
        ("ex3_add_backoff의 사본.py", 3),
        ("Copy of ex4_add_jitter.py", 4),
        ("Kopie von ex4_add_jitter.py", 4),
        ("副本ex4_add_jitter.py", 4),
        ("ex4_add_jitter.py.txt", 4),
        ("ex4_add_jitter.txt", 4),
        ("ex4_add_jitter", 4),
        ("ex4_add_jitter_py", 4),
        ("ex4_add_jitter.py (1)", 4),
        ("5.py", 5),
        ("ex5_fix_task_done_old.py", 5),
    ],
)
def test_the_only_file_that_may_be_meant_counts(name: str, number: int, tmp_path: Path) -> None:
    """However its name was changed by a browser, a copy or its sender; and it is said."""
    entry = one(tmp_path, {name: b"import asyncio\n", "notes.txt": b"", "ex22.py": b""})
    assert contents(entry) == {IDS[number - 1]: b"import asyncio\n"}
    doubts = {doubt.path: doubt.sure for doubt in entry.doubts}
    assert doubts == {name: True, "ex22.py": False}


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("test_ex2_build_retry_loop.py", "ex2_build_retry_loop.py"),
        ("ex2_build_retry_loop.docx", "ex2_build_retry_loop.py"),
        ("ex2 notes.txt", "ex2_build_retry_loop.py"),
        ("ex1_and_ex2.py", "ex1_add_maxsize.py or ex2_build_retry_loop.py"),
        ("ex3_add_jitter.py", "ex4_add_jitter.py or ex3_add_backoff.py"),
        ("bild_retry_lop.py", "ex2_build_retry_loop.py"),
    ],
)
def test_a_name_that_says_too_little_is_asked_about(name: str, asked: str, tmp_path: Path) -> None:
    """It does not count, and a person is told."""
    entry = one(tmp_path, {name: b"what was hard for me", "regex2.py": b""})
    question = f"not named like an exercise: is it meant to be {asked}?"
    assert (entry.files, entry.note) == ({}, f"{name}: {question}")
    assert reasons(entry)[name] == question
    assert [doubt.sure for doubt in entry.doubts] == [False, False]


def test_a_file_named_as_asked_goes_before_a_copy(tmp_path: Path) -> None:
    """Another one that differs is in doubt, unless it is clearly older; the same one is not."""
    entry = one(tmp_path, {EX1: b"1", "Copy of " + EX1: b"2", EX2: b"3", "ex2.py": b"3"})
    assert contents(entry) == {IDS[0]: b"1", IDS[1]: b"3"}
    assert [doubt.path for doubt in entry.doubts] == ["Copy of " + EX1]
    os.utime(tmp_path / "class" / "kim" / ("Copy of " + EX1), (1_000_000_000, 1_000_000_000))
    assert taken(tmp_path / "class")["kim"].doubts == ()


def test_repeats_under_another_name(tmp_path: Path) -> None:
    """The higher number counts, as it does for a name as asked."""
    files = {"ex1.py": b"0", "ex1 (1).py": b"1", "ex1 (2).py": b"2", "Exercise 2-1.py": b"4"}
    entry = one(tmp_path, {**files, "Exercise 2.py": b"3"})
    assert contents(entry) == {IDS[0]: b"2", IDS[1]: b"4"}


def test_files_that_nothing_tells_apart(tmp_path: Path) -> None:
    """None of them counts: either may be right."""
    entry = one(tmp_path, {f"a/{EX1}": b"1", f"b/{EX1}": b"2", EX2: b"3"})
    assert contents(entry) == {IDS[1]: b"3"}
    assert "a/ex1_add_maxsize.py and b/ex1_add_maxsize.py differ" in entry.undecided[IDS[0]]
    (doubt,) = entry.doubts
    assert doubt.reason == entry.undecided[IDS[0]]


def test_an_empty_folder_is_said_to_be_one(tmp_path: Path) -> None:
    """Who handed in nothing is in the class."""
    (tmp_path / "class" / "kim").mkdir(parents=True)
    assert taken(tmp_path / "class")["kim"].note == "It is empty."


def test_large_files_are_left(tmp_path: Path) -> None:
    """Source code is small; what is not is not even read."""
    entry = one(tmp_path, {EX1: b"#" * (256 << 10), EX2: b"#" * ((256 << 10) + 1)})
    assert list(entry.files) == [IDS[0]]
    assert reasons(entry) == {EX2: "larger than 256 KB: source code only"}


def test_links_and_pipes_are_left(tmp_path: Path) -> None:
    """No link is followed, be it to a file, to a folder or as the entry itself; no pipe opened."""
    secret = write_folder(tmp_path / "secret", {EX1: b"secret", EX2: b"secret"})
    write_folder(tmp_path / "class" / "kim", {IDS[2] + ".py": b"3"})
    (tmp_path / "class" / "kim" / EX1).symlink_to(secret / EX1)
    (tmp_path / "class" / "kim" / "folder").symlink_to(secret, target_is_directory=True)
    (tmp_path / "class" / "lee").symlink_to(secret, target_is_directory=True)
    os.mkfifo(tmp_path / "class" / "kim" / EX2)
    with take_in([tmp_path / "class"], IDS) as intake:
        (kim,) = intake.entries
        assert list(kim.files) == [IDS[2]]
        link = "a link: links are never followed"
        pipe = "neither a file nor a folder"
        assert reasons(kim) == {EX1: link, "folder": link, EX2: pipe}
        assert reasons(intake) == {"lee": link}


def test_what_becomes_a_link_later_is_not_read(tmp_path: Path) -> None:
    """A file, or a folder on the way to it, that is swapped for a link cannot be read."""
    (tmp_path / "secret.py").write_bytes(b"secret")
    write_folder(tmp_path / "class", {f"kim/{EX1}": b"1", f"kim/in/{EX2}": b"2"})
    entry = taken(tmp_path / "class")["kim"]
    (tmp_path / "class" / "kim" / EX1).unlink()
    (tmp_path / "class" / "kim" / EX1).symlink_to(tmp_path / "secret.py")
    (tmp_path / "class" / "kim" / "in").rename(tmp_path / "in")
    (tmp_path / "class" / "kim" / "in").symlink_to(tmp_path / "in", target_is_directory=True)
    for source in entry.files.values():
        with pytest.raises(Unreadable, match="could not be read"):
            source.read()


def test_what_grows_later_is_not_read(tmp_path: Path) -> None:
    """A file that has become large since it was looked at is not read into memory."""
    entry = one(tmp_path, {EX1: b"1"})
    (tmp_path / "class" / "kim" / EX1).write_bytes(b"#" * (1 << 20))
    with pytest.raises(Unreadable, match="larger than 256 KB"):
        entry.files[IDS[0]].read()


def test_what_becomes_a_pipe_later_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe in the place of a file is refused, not read until somebody writes."""
    entry = one(tmp_path, {EX1: b"1"})
    (tmp_path / "class" / "kim" / EX1).unlink()
    os.mkfifo(tmp_path / "class" / "kim" / EX1)
    with pytest.raises(Unreadable, match="not a regular file"):
        entry.files[IDS[0]].read()


def test_bounds_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many files refuse one submission, too deep ones are left, and the class goes on."""
    monkeypatch.setattr("grader.intake.folders.MOST_FILES", 20)
    deep = "d/" * 45
    write_folder(tmp_path / "class", {f"kim/{number}.txt": b"" for number in range(21)})
    write_folder(tmp_path / "class", {f"lee/{EX1}": b"1", f"lee/{deep}{EX2}": b"2"})
    entries = taken(tmp_path / "class")
    assert entries["kim"].note == "refused: holds more than 20 files."
    assert contents(entries["lee"]) == {IDS[0]: b"1"}
    assert list(reasons(entries["lee"]).values()) == ["more than 40 folders deep"]


def test_paths_longer_than_the_system_takes(tmp_path: Path) -> None:
    """A folder that cannot be opened by its path is left; the rest is taken in."""
    kim = write_folder(tmp_path / "class" / "kim", {EX1: b"1"})
    here = os.open(kim, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("d" * 200, dir_fd=here)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    entry = taken(tmp_path / "class")["kim"]
    assert contents(entry) == {IDS[0]: b"1"}
    assert list(reasons(entry).values()) == ["cannot be read (File name too long)"]


def test_the_list_of_unused_files_has_an_end(tmp_path: Path) -> None:
    """A thousand files that nobody asked for are counted, what tells something stays listed."""
    files = {f"{number}.txt": b"" for number in range(1000)}
    entry = one(tmp_path, {**files, EX1: b"", "ex1_add_maxsize-1.py": b""})
    assert len(entry.unused) == 61
    assert entry.unused[0].path == EX1
    assert entry.unused[-1].path == "941 more"


def test_several_arguments(tmp_path: Path) -> None:
    """Equal names in two arguments stay two submissions; one argument given twice is one."""
    write_folder(tmp_path / "a", {f"kim/{EX1}": b"1"})
    write_folder(tmp_path / "b", {f"kim/{EX1}": b"2"})
    entries = taken(tmp_path / "a", tmp_path / "b", tmp_path / "b" / ".." / "a")
    assert {name: contents(entry)[IDS[0]] for name, entry in entries.items()} == {
        "kim": b"1",
        "kim (2)": b"2",
    }


def test_results_in_the_folder_are_no_submission(tmp_path: Path) -> None:
    """What is to be left is not an entry, wherever it lies."""
    write_folder(tmp_path / "class", {f"kim/{EX1}": b"1", f"marks/{EX1}": b""})
    assert list(taken(tmp_path / "class", leave=(tmp_path / "class" / "marks",))) == ["kim"]


def test_a_file_may_be_the_argument(tmp_path: Path) -> None:
    """A file named like an exercise is a class of one."""
    (tmp_path / EX1).write_bytes(b"1")
    assert contents(taken(tmp_path / EX1)[EX1]) == {IDS[0]: b"1"}


@pytest.mark.parametrize("wrapped", ["", "kim-main/"])
def test_one_persons_zip_may_be_the_argument(tmp_path: Path, wrapped: str) -> None:
    """A zip with exercises at its top is one submission, not one for each file."""
    path = write_zip(tmp_path / "kim.zip", {wrapped + EX1: b"1", wrapped + EX2: b"2"})
    with take_in([path], IDS) as intake:
        assert [entry.name for entry in intake.entries] == ["kim.zip"]
        assert contents(intake.entries[0]) == {IDS[0]: b"1", IDS[1]: b"2"}


@pytest.mark.parametrize("wrapped", ["", "class/"])
def test_a_zip_of_folders_is_a_class(tmp_path: Path, wrapped: str) -> None:
    """A class that somebody zipped is the class."""
    inner = write_zip(tmp_path / "lee.zip", {EX2: b"2"}).read_bytes()
    files = {f"{wrapped}ada/{EX1}": b"1", f"{wrapped}lee.zip": inner, "__MACOSX/x": b""}
    with take_in([write_zip(tmp_path / "all.zip", files)], IDS) as intake:
        found = {entry.name: contents(entry) for entry in intake.entries}
        assert found == {"ada": {IDS[0]: b"1"}, "lee.zip": {IDS[1]: b"2"}}


def test_utf8_names_that_do_not_say_so(tmp_path: Path) -> None:
    """Most tools write UTF-8; the names are read so even without the flag that says it."""
    people = ("Zoë", "李雷", "ZoE\u0308", "🦀 --rm -rf")
    files = {f"{name}/{EX1}": name.encode() for name in people}
    path = without_utf8_flag(write_zip(tmp_path / "all.zip", files))
    with take_in([path], IDS) as intake:
        assert {e.name: contents(e)[IDS[0]] for e in intake.entries} == {
            name: name.encode() for name in people
        }


def test_names_of_old_windows(tmp_path: Path) -> None:
    """Code page 437 and backslashes are read as the tools meant them."""
    path = write_zip(tmp_path / "all.zip", {"caf?\\a\\" + EX1: b"1", "b\\" + EX2: b"2"})
    path.write_bytes(path.read_bytes().replace(b"caf?", b"caf\x82"))
    with take_in([path], IDS) as intake:
        assert {entry.name: contents(entry) for entry in intake.entries} == {
            "café": {IDS[0]: b"1"},
            "b": {IDS[1]: b"2"},
        }


def test_names_of_no_encoding(tmp_path: Path) -> None:
    """Bytes that are no text are shown by their codes, and names that look alike stay two."""
    folder = tmp_path / "class"
    write_folder(folder, {f"caf\\xe9/{EX1}": b"1"})
    write_folder(Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9")), {EX1: b"2"})
    entries = taken(folder)
    assert sorted(entries) == ["caf\\xe9", "caf\\xe9 (2)"]
    assert {contents(entry)[IDS[0]] for entry in entries.values()} == {b"1", b"2"}


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("nowhere", "There is no .*nowhere: name a folder or a zip"),
        (".", "There is no submission in what was given"),
        ("a.txt", "neither a folder, a zip nor named like an exercise"),
        ("\0", "There is no"),
        ("/dev/null", "neither a folder nor a file"),
    ],
)
def test_unusable_arguments(tmp_path: Path, argument: str, message: str) -> None:
    """What cannot be a class is an error that says what to name instead."""
    write_folder(tmp_path, {"a.txt": b""})
    with pytest.raises(UsageError, match=message):
        take_in([tmp_path / argument], IDS)


names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=60
).filter(
    lambda name: (
        name not in (".", "..")
        and len(name.encode()) < 200
        and name != "exercises"
        and not is_litter(name, folder=True)
        and "_assignsubmission_" not in name
    )
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.dictionaries(names, st.binary(max_size=40), min_size=1, max_size=6))
def test_any_name_survives(
    people: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever a folder is called, its files stay its own, in the order of the names."""
    folder = tmp_path_factory.mktemp("class")
    for name, data in people.items():
        write_folder(folder / name, {EX1: data})
    with take_in([folder, write_folder(folder.parent / "more", {f"x/{EX2}": b""})], IDS) as intake:
        entries = intake.entries
        theirs = [entry for entry in entries if IDS[0] in entry.files]
        assert {e.name: contents(e)[IDS[0]] for e in theirs} == people
        assert [entry.name for entry in entries] == sorted(entry.name for entry in entries)
