"""What was printed, when and by whom; and where recording ends."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course.kit.lesson import Pipeline
from grader.lab import Lab
from grader.lab import recorder as lab_recorder
from tests.lab.support import body, line, load, run, script

_EMPTY = Pipeline(())


def test_every_way_to_print_is_noted() -> None:
    """print, write, os.write, the binary side, wrappers and logging all reach the trace."""
    code = "import io, logging, os, sys\n" + body(
        """
        logging.basicConfig(stream=sys.stdout, format="%(message)s", force=True)
        await asyncio.sleep(1)
        print("a", 1)  # here
        sys.stdout.write("b\\n")
        sys.__stdout__.writelines(["c\\n", "d\\n"])
        os.write(1, b"e\\n")
        sys.stdout.buffer.write(memoryview(b"f\\n"))
        logging.warning("g")
        with io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", line_buffering=True) as wrapped:
            print("h", file=wrapped)
        with sys.stdout:
            sys.stdout.reconfigure(encoding="ascii")
        sys.stdout.close()
        print("i ✔", flush=True)
        """
    )
    trace = run(code)
    assert [one.text for one in trace.prints] == ["a 1", *"bcdefgh", "i ✔"]
    assert {(one.at, one.task) for one in trace.prints} == {(1.0, 1)}
    assert trace.prints[0].line == line(code)


def test_stdout_looks_like_a_stream() -> None:
    """The stand-in answers what programs ask of a stream."""
    code = "import sys\n" + body(
        """
        out = sys.stdout
        return [out.encoding, out.isatty(), out.writable(), out.readable(), out.seekable(),
                out.fileno(), sys.stderr.fileno(), out.closed, out.buffer.writable()]
        """
    )
    assert run(code).result == ["utf-8", False, True, False, False, 1, 2, False, True]


def test_only_text_can_be_printed() -> None:
    """`sys.stdout.write` takes a str and nothing else, as ever."""
    trace = run("import sys\n" + body("sys.stdout.write(b'x')"))
    assert trace.end["error"]["type"] == "TypeError"
    assert "must be str, not bytes" in trace.end["error"]["text"]


def test_stderr_is_kept_apart() -> None:
    """What goes to stderr, by print or descriptor, is no output of the program."""
    code = "import os, sys\n" + body("print('x', file=sys.stderr)\nos.write(2, b'y\\n')")
    trace = run(code)
    assert not trace.prints
    assert [event.data[0] for event in trace.of("stderr")] == ["x", "y"]


def test_other_descriptors_are_written_as_ever() -> None:
    """Only descriptors 1 and 2 are the lab's."""
    code = "import os\n" + body(
        """
        read, write = os.pipe()
        os.write(write, b"through")
        os.close(write)
        with open(read, "rb") as file:
            return file.read().decode()
        """
    )
    assert run(code).result == "through"


def test_a_line_belongs_to_the_task_that_ends_it() -> None:
    """Parts of a line are joined; what never ends comes last."""
    code = body(
        """
        async def other():
            print("and by another")
        print("begun", end=" ")
        await asyncio.create_task(other())
        print("never ended", end="")
        """
    )
    trace = run(code)
    assert [(one.task, one.text) for one in trace.prints] == [
        (2, "begun and by another"),
        (0, "never ended"),
    ]


@settings(max_examples=60)
@given(st.lists(st.text(alphabet="ab\nü", max_size=12), max_size=12))
def test_lines_come_out_as_they_went_in(parts: list[str]) -> None:
    """However text is cut into writes, the trace holds its lines."""
    trace = run("import sys\n" + body(f"for part in {parts!r}:\n    sys.stdout.write(part)"))
    *lines, rest = "".join(parts).split("\n")
    assert [one.text for one in trace.prints] == [*lines, *([rest] if rest else [])]


def test_prints_at_import_are_not_the_scenarios() -> None:
    """Neither lines nor parts of lines from the import show up in a trace."""
    code = "print('early')\nprint('part', end='')\n" + body("print('late')")
    assert [one.text for one in run(code).prints] == ["late"]


def test_nothing_is_noted_before_a_module_is_loaded() -> None:
    """A print of the process itself, while the lab is only open, goes nowhere."""
    with Lab() as lab:
        print("nobody", end="")  # noqa: T201  # this is what is tested
        lab.load(body("print('hears')"), "w.py", "w")
        events = lab.run(script(_EMPTY))["events"]
    assert [event[4] for event in events if event[2] == "print"] == ["hears"]


def test_a_print_tells_how_full_the_first_queue_is() -> None:
    """The size of the scenario's first queue at that moment goes with every line."""
    code = body(
        """
        print("none yet")
        q = asyncio.Queue()
        asyncio.Queue().put_nowait(1)
        print("empty")
        q.put_nowait(1)
        print("one")
        """
    )
    assert [one.size for one in run(code).prints] == [None, 0, 1]


def test_long_lines_are_cut() -> None:
    """Of one line, so many characters are kept; an endless line comes in pieces."""
    longest = lab_recorder.LONGEST_PRINT
    code = "import sys\n" + body(
        f"print('x' * {longest + 5})\n"
        f"for _ in range({2 * longest + 10}):\n    sys.stdout.write('y')"
    )
    lengths = [len(one.text) for one in run(code).prints]
    assert lengths == [longest, longest, longest, 10]


# -- too much of it ---------------------------------------------------------------------------------

_ENDLESS = [
    "while True: print('x' * 1000)",
    "while True: sys.stdout.write('x' * 1000)",
    "while True: await asyncio.Queue().put(1)",
    "while True:\n    try: print('x' * 1000)\n    except BaseException: await asyncio.sleep(0.001)",
    "async def child():\n    while True: print('x' * 1000)\nawait asyncio.create_task(child())",
    "for _ in range(21): print('x' * 999, end='')",
]


@pytest.mark.parametrize("lines", _ENDLESS)
def test_endless_output_is_cut_off(lines: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that grows beyond all bounds ends the scenario, even if the module swallows that."""
    monkeypatch.setattr(lab_recorder, "MOST_WRITTEN", 20_000)
    monkeypatch.setattr(lab_recorder, "MOST_EVENTS", 500)
    trace = run("import sys\n" + body(lines))
    assert trace.end == {"how": "output"}
    assert len(trace.events) <= 500


def test_endless_output_at_import_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that prints without end, or swallows the end of it, is not loaded."""
    monkeypatch.setattr(lab_recorder, "MOST_WRITTEN", 20_000)
    for code in (
        "while True: print('x' * 1000)",
        "try:\n    while True: print('x' * 1000)\nexcept BaseException: pass",
    ):
        assert load(code) == {"loaded": False, "how": "output", "error": None}


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("while True: print('x' * 1000)", "output"),
        ("while True: asyncio.Queue()", "events"),
        ("import time\nwhile True: time.sleep(100)", "blocked"),
    ],
)
def test_whoever_asked_is_told_what_is_full(
    lines: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`on_full` is called with what there is too much of, at the moment when there is."""
    monkeypatch.setattr(lab_recorder, "MOST_EVENTS", 2_000)
    told: list[str] = []

    def on_full(kind: str) -> None:
        told.append(kind)
        raise lab_recorder.Full(kind)

    with Lab(on_full=on_full) as lab:
        lab.load(body(lines), "w.py", "w")
        lab.run(script(_EMPTY))
    assert told[0] == what


def test_the_streams_are_the_processes_own_again() -> None:
    """After the lab, what is printed goes where it went before."""
    before = sys.stdout, sys.stderr, sys.__stdout__, os.write
    with Lab():
        pass
    assert (sys.stdout, sys.stderr, sys.__stdout__, os.write) == before


# -- coroutines thrown away -------------------------------------------------------------------------


def test_coroutines_thrown_away_are_named() -> None:
    """A coroutine that was never awaited is listed with the line that made it."""
    code = body(
        """
        asyncio.sleep(1)  # sleep
        work(1000)  # work
        async def helper():
            asyncio.Queue().get()  # get
        await helper()
        """
    )
    assert run(code).unawaited == (
        ("sleep", line(code, "sleep")),
        ("Service.__call__", line(code, "work")),
        ("Queue.get", line(code, "get")),
    )


def test_coroutines_thrown_away_outside_a_scenario_are_nobodys() -> None:
    """Between scenarios nothing is listed, and no warning is printed."""
    with Lab() as lab:
        lab.load("import asyncio\nasyncio.sleep(1)\n" + body("pass"), "w.py", "w")
        answer: dict[str, Any] = lab.run(script(_EMPTY))
        assert lab.module is not None
        lab.module.run_pipeline(None, None).close()
        lab.module.asyncio.sleep(1)
        assert answer["unawaited"] == []
