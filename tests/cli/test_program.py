"""The program as a whole: which command runs, help, and how errors end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli import program
from grader.cli.commands import COMMANDS, overview
from grader.errors import GraderFault
from tests.cli.conftest import Judge, Run

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("word", ["-h", "--help", "help"])
def test_overview(run: Run, word: str) -> None:
    """The help names every command, and the exit codes."""
    ran = run(word)
    assert (ran.code, ran.err) == (0, "")
    assert all(f"\n  {name} " in ran.out for name in COMMANDS)
    assert "\n  10  " in ran.out
    assert max(map(len, ran.out.splitlines())) <= 92


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command(run: Run, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command explains itself, under the name that was typed."""
    with pytest.raises(SystemExit) as left:
        run(name, "--help")
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: python -m grader {name}")
    assert COMMANDS[name].help in out


def test_overview_under_nox() -> None:
    """The examples are to be copied, whichever way the grader was called."""
    assert "\n  nox -s grade -- hint ex2 " in overview("nox -s grade --")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["ex2_secnd"], "There is no exercise 'ex2_secnd'. Did you mean ex2_second_wind?"),
        (["grade", "hnt"], "There is no exercise 'hnt'."),
        (["hnt", "ex2"], "There is no command or exercise 'hnt'. Did you mean the command hint?"),
        (["t"], "'t' may be any of"),
        (["--seed", "x"], "Argument --seed: invalid int value: 'x'. See: python -m grader grade -"),
        (["--sed", "1"], "Unrecognized arguments: --sed"),
        (["reset"], "The following arguments are required: EXERCISE."),
        (["dev", "stbs"], "Argument task: invalid choice: 'stbs'"),
        (["\x1b[2J"], "There is no exercise '\\x1b[2J'."),
    ],
)
def test_not_usable(run: Run, words: list[str], line: str) -> None:
    """What cannot be carried out is one line on standard error, and exit code 2."""
    ran = run(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(line)


def test_fault_of_the_grader(run: Run, fake: Judge) -> None:
    """A fault of the grader is one line, and exit code 3."""
    fake.error = GraderFault("It broke.\nRun it again.")
    ran = run()
    assert (ran.code, ran.out, ran.err) == (3, "", "It broke. Run it again.\n")


def test_interrupted(run: Run, fake: Judge) -> None:
    """Ctrl-C ends calmly."""
    fake.error = KeyboardInterrupt()
    ran = run()
    assert (ran.code, ran.out, ran.err) == (130, "", "Stopped.\n")


def test_interrupted_while_it_starts() -> None:
    """Before anything of the program is imported as well."""
    code = """
import sys
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == "grader.cli.program":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupts())
from grader.__main__ import start
sys.exit(start())
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "Stopped.\n", 130)


def test_nobody_reads(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A reader that has gone ends the program without a word."""

    def gone(_view: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(program, "_show", gone)
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        ran = run()
        assert os.fstat(out.fileno()).st_rdev == Path(os.devnull).stat().st_rdev
    assert (ran.code, ran.err) == (141, "")


@pytest.mark.skipif(os.name == "nt", reason="pipes end in another way there")
@pytest.mark.parametrize("words", [["--help"], ["list"]])
def test_nobody_reads_a_real_pipe(words: list[str], tmp_path: Path) -> None:
    """The same in a process of its own, for plain text and for Rich."""
    reader, writer = os.pipe()
    os.close(reader)
    environment = os.environ | {"GRADER_STORE": str(tmp_path / "store.sqlite3")}
    ran = subprocess.run(
        [sys.executable, "-m", "grader", *words],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
    )
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (141, b"")


def test_starts_before_anything_slow() -> None:
    """When the learners' process is started, no asyncio, pytest, Rich or SQLite is imported yet."""
    code = """
import sys
before = set(sys.modules)
from grader.runner import early
def start_early(*, fork, sandbox):
    print(sorted({"asyncio", "pytest", "rich", "sqlite3"} & (set(sys.modules) - before)))
    raise KeyboardInterrupt
early.start_early = start_early
from grader.cli.program import main
sys.exit(main(["grade"]))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("[]\n", "Stopped.\n", 130)
