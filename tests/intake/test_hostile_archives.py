"""Archives that mean harm are refused by name; the rest of the class is taken in."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.intake import Unreadable, take_in, unpacking
from grader.intake.archives import HANDED_IN
from tests.intake.layouts import write_folder, write_zip

IDS = ("ex1_add_maxsize", "ex2_build_retry_loop")
EX1, EX2 = (f"{name}.py" for name in IDS)


def made(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip with these entries, hostile ones included."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def special(name: str, mode: int, data: bytes = b"/etc/passwd") -> bytes:
    """A zip with an entry that is no file."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return made((EX1, b"1"), (info, data))


def patched(data: bytes, *changes: tuple[bytes, int, bytes]) -> bytes:
    """The bytes, with others written `offset` after the last place where a magic number stands."""
    raw = bytearray(data)
    for magic, offset, new in changes:
        at = raw.rfind(magic) + offset
        raw[at : at + len(new)] = new
    return bytes(raw)


CENTRAL, END = b"PK\x01\x02", b"PK\x05\x06"
HELLO = b"print('hello')\n" * 50
PLAIN = made((EX1, HELLO))


def duplicates() -> bytes:
    """Two entries of one name."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        return made((EX1, b"1"), (EX1, b"2"))


def overlapping() -> bytes:
    """Two entries of the list that point at the same data."""
    whole = made(("a.txt", b"0" * 1000), ("b.txt", b"0" * 1000))
    return patched(whole, (CENTRAL, 42, struct.pack("<L", 0)))


def zip64_lies() -> bytes:
    """An entry whose zip64 field says that its data is larger than the whole file."""
    info = zipfile.ZipInfo(EX1)
    info.extra = struct.pack("<HHQQ", 1, 16, 1 << 40, 1 << 40)
    whole = made((info, b"1"))
    huge = struct.pack("<LL", 0xFFFFFFFF, 0xFFFFFFFF)
    return patched(whole, (CENTRAL, 20, huge))


def large_directory() -> bytes:
    """A million entries without data, written as no library would."""
    name = b"x"
    local = b"PK\x03\x04" + bytes(26) + name
    one = CENTRAL + struct.pack(
        "<HHHHHHLLLHHHHHLL", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )
    directory = (one + name) * 1_000_000
    return (
        local
        + directory
        + END
        + struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, len(directory), len(local), 0)
    )


def unusual() -> bytes:
    """An entry in a compression that hardly anybody uses."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(EX1, b"1")
    return out.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "absolute": (lambda: made(("/etc/" + EX1, b"")), "an absolute path (/etc/"),
    "parent": (lambda: made(("a/../../" + EX1, b"")), "a path that leaves the folder"),
    "windows": (lambda: made(("..\\" + EX1, b"")), "a path that leaves the folder"),
    "drive": (lambda: made(("C:\\" + EX1, b"")), "an absolute path (C:"),
    "share": (lambda: made(("\\\\host\\" + EX1, b"")), "an absolute path"),
    "link": (lambda: special(EX2, stat.S_IFLNK | 0o777), f"a link ({EX2})"),
    "device": (lambda: special("null", stat.S_IFCHR | 0o666), "a device or a pipe (null)"),
    "pipe": (lambda: special("pipe", stat.S_IFIFO | 0o666), "a device or a pipe (pipe)"),
    "bomb": (
        lambda: made(("zeros", bytes(20 << 20))),
        "a bomb, which unpacks to far too much (zeros)",
    ),
    "twice": (duplicates, f"the same name twice ({EX1})"),
    "encrypted": (
        lambda: patched(PLAIN, (CENTRAL, 8, b"\x01"), (b"PK\x03\x04", 6, b"\x01")),
        f"encrypted ({EX1})",
    ),
    "unusual": (unusual, f"compressed in an unusual way ({EX1})"),
    "truncated": (lambda: PLAIN[:-30], "not a zip that can be read"),
    "beheaded": (lambda: PLAIN[40:], "its beginning is missing"),
    "text": (lambda: b"this is no zip", "not a zip that can be read"),
    "empty": (lambda: b"", "not a zip that can be read"),
    "overlapping": (overlapping, "its entries overlap"),
    "zip64": (zip64_lies, "are longer than it is"),
    "long": (lambda: patched(PLAIN, (CENTRAL, 20, b"\xff\xff\xff\x7f")), "are longer than it is"),
    "million": (large_directory, "its list of entries is larger than 4 MB"),
    "nul": (
        lambda: made((EX1.replace("_", "?"), b"")).replace(b"?", b"\0"),
        "a NUL character in a name",
    ),
    "nameless": (lambda: made(("?", b"")).replace(b"?", b"\0"), "a NUL character in a name"),
    "dot": (lambda: made((".", b"")), "no name (.)"),
    "dots": (lambda: made(("././.", b"")), "no name (././.)"),
    "broken name": (
        lambda: made(("é" + EX1, b"")).replace("é".encode(), b"\xff\xff"),
        "a name is not in the encoding that it says",
    ),
    "version": (lambda: patched(PLAIN, (CENTRAL, 6, b"\xff")), "not a zip that can be read"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_is_refused_by_name(kind: str, tmp_path: Path) -> None:
    """One learner's archive costs no other learner a thing, and its name and the reason are said."""
    make, reason = HOSTILE[kind]
    folder = write_folder(tmp_path / "class", {f"ada/{EX1}": b"1", "mallory.zip": make()})
    with take_in([folder], IDS) as intake:
        ada, mallory = intake.entries
        assert ada.files[IDS[0]].read() == b"1"
        assert (mallory.name, mallory.files) == ("mallory.zip", {})
        assert mallory.note.startswith("refused: ")
        assert reason in mallory.note
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(
        ["class", "ada", EX1, "mallory.zip"]
    )


def test_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip of more entries than anybody hands in is refused before they are looked at."""
    monkeypatch.setattr(unpacking, "HANDED_IN", replace(HANDED_IN, entries=20))
    files = {f"{number}.txt": b"" for number in range(20)}
    folder = write_folder(tmp_path / "class", {f"ada/{EX1}": b""})
    write_zip(folder / "20.zip", files)
    write_zip(folder / "21.zip", {**files, EX1: b""})
    with take_in([folder], IDS) as intake:
        assert [entry.note for entry in intake.entries] == [
            "Nothing in it is named like an exercise.",
            "refused: more than 20 entries.",
            "",
        ]


@pytest.mark.parametrize("kind", ["parent", "text", "long"])
def test_is_refused_within_another(kind: str, tmp_path: Path) -> None:
    """A hostile zip within a learner's folder or zip is left out; their other files are graded."""
    bad = HOSTILE[kind][0]()
    outer = write_zip(tmp_path / "outer.zip", {EX1: b"1", "bad.zip": bad}).read_bytes()
    folder = write_folder(
        tmp_path / "class", {f"ada/{EX1}": b"1", "ada/bad.zip": bad, "bob.zip": outer}
    )
    with take_in([folder], IDS) as intake:
        assert [entry.files[IDS[0]].read() for entry in intake.entries] == [b"1", b"1"]
        left = [one for entry in intake.entries for one in entry.unused]
        assert [one.path for one in left] == ["bad.zip", "bob.zip/bad.zip"]
        assert all(HOSTILE[kind][1] in one.reason for one in left)


def test_as_the_only_argument(tmp_path: Path) -> None:
    """A download that is refused is an error that says why; beside another it is listed."""
    bad = tmp_path / "download.zip"
    bad.write_bytes(PLAIN[:-30])
    with pytest.raises(UsageError, match=r"download\.zip: refused: not a zip that can be read"):
        take_in([bad], IDS)
    with take_in([bad, write_folder(tmp_path / "class", {f"ada/{EX1}": b""})], IDS) as intake:
        assert [entry.name for entry in intake.entries] == ["ada"]
        assert intake.unused[0].path == str(bad)


@pytest.mark.parametrize("kind", ["parent", "link", "bomb", "encrypted", "twice", "unusual"])
def test_costs_nobody_else_their_grade_in_a_download(kind: str, tmp_path: Path) -> None:
    """What one learner's file brings into the download of a class is left out alone."""
    data = HOSTILE[kind][0]()
    download = tmp_path / "download.zip"
    download.write_bytes(data)
    with zipfile.ZipFile(download, "a") as archive:
        archive.writestr(f"ada_101_9_{EX1}", b"1")
        archive.writestr(f"bob_102_10_{EX1}", b"2")
    with take_in([download], IDS) as intake:
        found = {e.name: e.files[IDS[0]].read() for e in intake.entries if e.senders}
        assert found == {"ada_101": b"1", "bob_102": b"2"}
        reasons = [one.reason for one in intake.unused if one.reason.startswith("refused: ")]
        assert len(reasons) == 1
        assert HOSTILE[kind][1].partition(" (")[0] in reasons[0]


def test_links_of_tools_are_litter(tmp_path: Path) -> None:
    """A virtual environment that was zipped with its links is left out, not held against anybody."""
    link = zipfile.ZipInfo(".venv/bin/python")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    data = made((EX1, b"1"), (link, b"/usr/bin/python3"))
    folder = write_folder(tmp_path / "class", {"ada.zip": data})
    with take_in([folder], IDS) as intake:
        (ada,) = intake.entries
        assert ada.files[IDS[0]].read() == b"1"
        assert [one.path for one in ada.unused] == ["ada.zip/.venv"]


def test_folders_of_no_name(tmp_path: Path) -> None:
    """Some tools list the folder that they zipped; it is no file."""
    data = made(("./", b""), (f"./{EX1}", b"1"))
    with take_in([write_folder(tmp_path / "class", {"ada.zip": data})], IDS) as intake:
        assert intake.entries[0].files[IDS[0]].read() == b"1"


def test_a_day_that_never_was(tmp_path: Path) -> None:
    """A zip may date its files on the 31st of month 15."""
    data = patched(PLAIN, (CENTRAL, 14, b"\xff\xff"))
    with take_in([write_folder(tmp_path / "class", {"ada.zip": data})], IDS) as intake:
        assert intake.entries[0].files[IDS[0]].read() == HELLO


def test_a_zip_that_changes(tmp_path: Path) -> None:
    """What has been replaced since it was looked at is not graded for what it was."""
    folder = write_folder(tmp_path / "class", {"ada.zip": PLAIN})
    with take_in([folder], IDS) as intake:
        source = intake.entries[0].files[IDS[0]]
        write_zip(folder / "ada.zip", {EX2: b"2"})
        with pytest.raises(Unreadable, match="the zip has changed"):
            source.read()
        (folder / "ada.zip").write_bytes(b"")
        with pytest.raises(Unreadable, match="could not be read"):
            source.read()


@pytest.mark.parametrize("said", [1, 300 << 10])
def test_sizes_that_lie(tmp_path: Path, said: int) -> None:
    """An entry that unpacks to something else than it says is not read."""
    data = made((EX1, b"#" * (200 << 10)))
    folder = write_folder(tmp_path / "class", {"ada.zip": data, f"bob/{EX1}": b""})
    path = folder / "ada.zip"
    path.write_bytes(patched(data, (CENTRAL, 24, struct.pack("<L", said))))
    with take_in([folder], IDS) as intake:
        ada = intake.entries[0]
        for source in ada.files.values():
            with pytest.raises(Unreadable, match="could not be read"):
                source.read()
        assert bool(ada.files) is (said == 1)


def test_a_zip_that_unpacks_beyond_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip within a zip is unpacked to be opened, within bounds."""
    monkeypatch.setattr("grader.intake.places.LARGEST_ARCHIVE", 100_000)
    monkeypatch.setattr(unpacking, "HANDED_IN", replace(HANDED_IN, total=300_000))
    inner = write_zip(tmp_path / "inner.zip", {EX2: b"2"}).read_bytes()
    outer = made((EX1, b"1"), ("inner.zip", inner + bytes(200_000)))
    folder = write_folder(
        tmp_path / "class", {"ada.zip": outer, "bob.zip": made(("x", bytes(400_000)))}
    )
    with take_in([folder], IDS) as intake:
        ada, bob = intake.entries
        assert list(ada.files) == [IDS[0]]
        assert "larger than 0 MB when unpacked" in ada.unused[0].reason
        assert "unpacks to more than 0 GB" in bob.note


@settings(max_examples=300)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)), min_size=1, max_size=6
    ),
    cut=st.integers(0, 3),
)
def test_damaged_zips(
    changes: list[tuple[int, int]], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However a zip is damaged, the class is taken in, and what is read is right or refused."""
    raw = bytearray(PLAIN)
    for at, value in changes:
        raw[at] = value
    raw = raw[: len(raw) - cut]
    folder = tmp_path_factory.mktemp("class")
    write_folder(folder, {"ada.zip": bytes(raw), f"bob/{EX1}": b"2"})
    with take_in([folder], IDS) as intake:
        assert [entry.name for entry in intake.entries] == ["ada.zip", "bob"]
        for source in intake.entries[0].files.values():
            with contextlib.suppress(Unreadable):
                assert source.read() == HELLO


def test_many_zips_in_one_submission(tmp_path: Path) -> None:
    """Nobody keeps the intake busy with a thousand zips."""
    inner = write_zip(tmp_path / "inner.zip", {"a.txt": b""}).read_bytes()
    files = {f"ada/{number:03}.zip": inner for number in range(100)}
    with take_in([write_folder(tmp_path / "class", files)], IDS) as intake:
        left = [one for one in intake.entries[0].unused if one.reason.startswith("a zip too many")]
    assert len(left) > 30


def test_many_entries_in_several_zips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too much for one zip is too much for ten; the other files are graded."""
    monkeypatch.setattr(unpacking, "HANDED_IN", replace(HANDED_IN, entries=20))
    inner = write_zip(tmp_path / "inner.zip", {f"{n}.txt": b"" for n in range(9)}).read_bytes()
    files = {f"ada/{EX1}": b"1"} | {f"ada/{number}.zip": inner for number in range(5)}
    with take_in([write_folder(tmp_path / "class", files)], IDS) as intake:
        ada = intake.entries[0]
        assert ada.files[IDS[0]].read() == b"1"
        left = [one.path for one in ada.unused if one.reason.startswith("a zip too many")]
        assert left == ["2.zip", "3.zip", "4.zip"]


def test_memory_does_not_grow_with_what_is_in_a_zip(tmp_path: Path) -> None:
    """Taking in reads names and sizes only, and a million entries are refused unread."""
    noise = zipfile.ZipInfo("noise.bin")  # stored as it is
    heavy = made((EX1, b"1"), (noise, bytes(range(256)) * (64 << 10)))
    files = {f"{number:02}.zip": heavy for number in range(8)}
    folder = write_folder(tmp_path / "class", files | {"million.zip": large_directory()})
    del heavy, files
    tracemalloc.start()
    try:
        with take_in([folder], IDS) as intake:
            assert len(intake.entries) == 9
            data = [entry.files[IDS[0]].read() for entry in intake.entries if entry.files]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert data == [b"1"] * 8
    assert peak < 32 << 20
