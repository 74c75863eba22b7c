"""What a Python program may read: its library and the system's, and nobody's packages."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from importlib.machinery import FileFinder, SourceFileLoader
from pathlib import Path

import pytest

from grader.lab import confine, libraries
from grader.runner import bubblewrap

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are there on Linux only")

READABLE, WRITABLE = libraries.needed_files()
LIBRARY = Path(sysconfig.get_paths()["stdlib"])


def _readable(path: Path) -> bool:
    return any(str(one) in READABLE for one in (path, *path.parents))


def test_python_can_still_be_read() -> None:
    """Its library is readable, the folder of nothing is writable, and the grader is neither."""
    assert _readable(LIBRARY / "asyncio" / "queues.py")
    assert _readable(LIBRARY / "decimal.py")
    assert _readable(LIBRARY / "__pycache__")
    assert WRITABLE == ("/dev/null",)
    assert not _readable(Path(confine.__file__))


def test_packages_cannot_be_read() -> None:
    """What is installed for this Python or another is not the library's."""
    assert not _readable(Path(pytest.__file__))
    for name in libraries.HIDDEN:
        assert not _readable(LIBRARY / name / "x.py")
    assert not _readable(LIBRARY.parent / "python3" / "dist-packages" / "x.py")
    assert not _readable(Path("/usr/lib/python3/dist-packages/x.py"))
    assert all(Path(path).name in libraries.HIDDEN for path in libraries.hidden_folders())


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A library of one module and one folder of packages."""
    (tmp_path / "grader_trial.py").write_text("")
    (tmp_path / "site-packages").mkdir()
    libraries._standard_library.cache_clear()
    paths = {"stdlib": str(tmp_path), "platstdlib": str(tmp_path)}
    monkeypatch.setattr(sysconfig, "get_paths", lambda: paths)
    yield tmp_path
    libraries._standard_library.cache_clear()


def test_a_folder_with_packages_stands_for_nothing(library: Path) -> None:
    """Its entries do: who may list a folder may list all that is below it."""
    readable, _writable = libraries.needed_files.__wrapped__()
    assert {path for path in readable if path.startswith(str(library))} == {
        str(library / "grader_trial.py")
    }
    (library / "site-packages").rmdir()
    readable, _writable = libraries.needed_files.__wrapped__()
    assert {path for path in readable if path.startswith(str(library))} == {str(library)}


def test_modules_are_found_in_a_folder_that_cannot_be_listed(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the folder has changed since, or the importer is told to look again."""
    finder = FileFinder(str(library), (SourceFileLoader, [".py"]))
    monkeypatch.setitem(sys.path_importer_cache, str(library), finder)
    libraries.keep_listings()

    def refuse(_path: str) -> list[str]:
        raise PermissionError

    monkeypatch.setattr("_frozen_importlib_external._os.listdir", refuse)
    os.utime(library, (1, 1))
    finder.invalidate_caches()
    assert finder.find_spec("grader_trial") is not None
    assert finder.find_spec("grader_nothing") is None


def test_bubblewrap_covers_packages() -> None:
    """What lies in a folder that is shown, and is no library of ours, is covered by nothing."""
    command = bubblewrap.surround([sys.executable], "/empty")
    covered = {command[n + 1] for n, word in enumerate(command) if word == "--tmpfs"}
    assert {path for path in libraries.hidden_folders() if "site-packages" in path} <= covered
    assert str(LIBRARY) not in covered
    assert all(Path(path).is_dir() for path in covered)
    assert {command[n + 1] for n, word in enumerate(command) if word == "--remount-ro"} == {
        *covered,
        "/dev",
        "/",
    }


def test_bubblewrap_hides_the_same() -> None:
    """The two lists stand in two programs, of which neither imports the other."""
    assert bubblewrap.HIDDEN == libraries.HIDDEN
    assert bubblewrap._PYTHON == libraries._PYTHON
