"""What is said of everyday slips: the cause, and the learner's own line."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from grader.course.catalog import find_root
from grader.results import ExerciseResult
from tests.corpus import EXERCISES
from tests.grading import grade_each

ROOT = Path(find_root())


class Slip(NamedTuple):
    """A change to a reference, and what has to be said of it.

    line: how the line begins that is marked; nothing where it may be any or none.
    words, never: what the message holds, and what it must not.
    """

    exercise: str
    old: str
    new: str
    line: str
    words: tuple[str, ...]
    never: tuple[str, ...] = ()


SLIPS = {
    "a misspelt method in a task group": Slip(
        "ex1_add_maxsize",
        "q.qsize()",
        "q.size()",
        'log(start, "PROD"',
        ("AttributeError: 'Queue' object has no attribute 'size'. Did you mean: 'qsize'?",),
        ("ExceptionGroup", "sub-exception"),
    ),
    "a misspelt name in a task": Slip(
        "ex1_add_maxsize",
        "await work(item)",
        "await wrok(item)",
        "await wrok(item)",
        ("NameError: name 'wrok' is not defined",),
        ("ExceptionGroup",),
    ),
    "a misspelt exception in a task": Slip(
        "ex5_fix_task_done",
        "except TransientError",
        "except TransientEror",
        "except TransientEror",
        ("name 'TransientEror' is not defined. Did you mean: 'TransientError'?",),
        ("ExceptionGroup",),
    ),
    "get without await": Slip(
        "ex2_build_retry_loop",
        "item = await q.get()",
        "item = q.get()",
        "item = q.get()",
        ("get() without await",),
        ("no item",),
    ),
    "one try too few": Slip(
        "ex2_build_retry_loop",
        "range(1, attempts + 1)",
        "range(1, attempts)",
        "await process_item(item)",
        ("attempts=2", "1, "),
        ("equal",),
    ),
    "a wait that differs below the printed digits": Slip(
        "ex3_add_backoff",
        "delay * backoff ** (attempt - 1)",
        "delay * backoff ** (attempt - 1) * 1.0005",
        "await asyncio.sleep(pause)",
        (),
        ("quarter", "jitter"),
    ),
    "no wait before the first retry": Slip(
        "ex3_add_backoff",
        "delay * backoff ** (attempt - 1)",
        "delay * backoff ** (attempt - 1) * (attempt > 1)",
        "pause = delay",
        ("first wait is missing",),
        ("too late",),
    ),
    "a limit of time on work": Slip(
        "ex1_add_maxsize",
        "await work(item)",
        "await asyncio.wait_for(work(item), 30)",
        "await asyncio.wait_for",
        ("was cut off", "30 s after it had begun"),
        ("raised", "for ever"),
    ),
    "no log yet": Slip(
        "ex1_add_maxsize",
        '            log(start, "PROD", item, "SZ", q.qsize())\n',
        "",
        "",
        ("No line that begins with PROD",),
        ("OK",),
    ),
    "a size that is not asked for": Slip(
        "ex1_add_maxsize",
        '"SZ", q.qsize()',
        '"SZ", q.qsize',
        'log(start, "PROD"',
        ("qsize was not called", "…'"),
    ),
    "another word in the log": Slip(
        "ex1_add_maxsize", '"PROD", item', '"PROD:", item', 'log(start, "PROD:"', ("'PROD: ",)
    ),
    "an argument left out in a call of the supplied log": Slip(
        "ex1_add_maxsize",
        'log(start, "PROD", item',
        'log("PROD", item',
        'log("PROD"',
        ("TypeError",),
    ),
    "something printed before the line of the log": Slip(
        "ex1_add_maxsize",
        "        await work(item)",
        '        print("got", item, end=" ")\n        await work(item)',
        'log(start, "PROD"',
        ("'got ", "PROD"),
    ),
    "a line of the log that is left to the loop": Slip(
        "ex1_add_maxsize",
        'log(start, "PROD", item, "SZ", q.qsize())',
        'asyncio.get_running_loop().call_soon(log, start, "PROD", item, "SZ", q.qsize())',
        "asyncio.get_running_loop().call_soon(log",
        ("the next had been taken",),
    ),
    "a bound of one more": Slip(
        "ex1_add_maxsize",
        "asyncio.Queue(maxsize)",
        "asyncio.Queue(maxsize + 1)",
        "q: asyncio.Queue[Any] = asyncio.Queue(maxsize + 1)",
        ("maxsize=1", "made to hold 2"),
    ),
    "a bound by another parameter": Slip(
        "ex1_add_maxsize",
        "asyncio.Queue(maxsize)",
        "asyncio.Queue(consumers)",
        "q: asyncio.Queue[Any] = asyncio.Queue(consumers)",
        ("the queue was made to hold",),
    ),
    "join after each put": Slip(
        "ex1_add_maxsize",
        "            await q.put(item)",
        "            await q.put(item)\n            await q.join()",
        "await q.join()",
        ("join() was awaited",),
        ("every other number of consumers",),
    ),
    "a long computation in a loop that awaits": Slip(
        "ex1_add_maxsize",
        "        await work(item)",
        "        sum(n * n for n in range(300_000_000))\n        await work(item)",
        "sum(n * n",
        ("without an await",),
    ),
    "two exceptions with or": Slip(
        "ex2_build_retry_loop",
        "except TransientError:",
        "except ConnectionError or TransientError:",
        "except ConnectionError or TransientError:",
        ("TransientError left C1",),
    ),
    "a return for a break": Slip(
        "ex2_build_retry_loop",
        "                break\n",
        "                return\n",
        "return",
        ("C1 ended",),
    ),
    "a breakpoint": Slip(
        "ex2_build_retry_loop",
        "                if attempt < attempts:",
        "                breakpoint()\n                if attempt < attempts:",
        "breakpoint()",
        ("breakpoint() called for a debugger", "run the file itself"),
        ("BdbQuit",),
    ),
    "input from nobody": Slip(
        "ex2_build_retry_loop",
        "            except TransientError:",
        '            except TransientError:\n                input("Again?")',
        'input("Again?")',
        ("input()", "keyboard"),
        ("EOF",),
    ),
    "a parameter of another name": Slip(
        "ex3_add_backoff",
        "    backoff: float = 2.0,\n) -> None:\n",
        "    back_off: float = 2.0,\n) -> None:\n    backoff = back_off\n",
        "async def consumer(",
        ("unexpected keyword argument 'backoff'",),
    ),
    "a wait too many": Slip(
        "ex3_add_backoff",
        "                await process_item(item)",
        "                await asyncio.sleep(delay)\n                await process_item(item)",
        "",
        ("begun only at", "the consumer slept for"),
        ("multiplied", "2 waits"),
    ),
    "a window that is a little too wide": Slip(
        "ex4_add_jitter",
        "uniform(0, clean * jitter)",
        "uniform(0, clean * jitter * 1.02)",
        "await asyncio.sleep(pause)",
        ("a little beyond",),
        ("no upper limit",),
    ),
    "a mark that is not called": Slip(
        "ex5_fix_task_done",
        "        q.task_done()\n",
        "        q.task_done\n",
        "q.task_done",
        ("0 times", "`q.task_done` has no parentheses (line "),
    ),
    "a consumer that is no coroutine": Slip(
        "ex5_fix_task_done",
        "async def consumer(",
        "def consumer(",
        "def consumer(",
        ("'await' outside async function at line ", "has to be made by `async def`"),
    ),
    "a get that is not called": Slip(
        "ex5_fix_task_done",
        "await q.get()",
        "await q.get",
        "item = await q.get",
        ("parentheses are missing",),
        ("object method",),
    ),
    "a join that is not called": Slip(
        "ex1_add_maxsize",
        "await q.join()",
        "q.join",
        "q.join",
        ("`q.join` has no parentheses (line ",),
    ),
    "a cancel that is not called": Slip(
        "ex1_add_maxsize",
        "task.cancel()",
        "task.cancel",
        "task.cancel",
        ("`task.cancel` has no parentheses (line ",),
    ),
    "a sleep that is not called": Slip(
        "ex3_add_backoff",
        "await asyncio.sleep(pause)",
        "asyncio.sleep",
        "asyncio.sleep",
        ("`asyncio.sleep` has no parentheses (line ",),
    ),
    "a method of one's own that is not called": Slip(
        "ex6_find_the_leak",
        "await archive.all_stored()",
        "archive.all_stored",
        "archive.all_stored",
        ("`archive.all_stored` has no parentheses (line ",),
    ),
    "an awaited sleep that is not called": Slip(
        "ex3_add_backoff",
        "asyncio.sleep(pause)",
        "asyncio.sleep",
        "await asyncio.sleep",
        ("parentheses are missing",),
        ("object function",),
    ),
    "a line of the log after the loop": Slip(
        "ex1_add_maxsize",
        '            log(start, "PROD", item, "SZ", q.qsize())',
        '        log(start, "PROD", item, "SZ", q.qsize())',
        'log(start, "PROD"',
        ("but 1 line begins with PROD: item ", "has none, and the first reads 'PROD "),
        ("The line for item",),
    ),
    "a count that stays at 0": Slip(
        "ex2_build_retry_loop",
        'stats["failed"] += 1',
        "pass",
        "",
        ("it is never increased.",),
        ("raised",),
    ),
    "arguments in each other's places": Slip(
        "ex5_fix_task_done",
        "                    q,\n                    process_item,\n",
        "                    process_item,\n                    q,\n",
        "item = await q.get()",
        ("'function' object has no attribute 'get'",),
        ("lru_cache",),
    ),
    "attempts that are not handed on": Slip(
        "ex5_fix_task_done",
        "                    attempts=attempts,\n",
        "",
        "consumer(",
        ("attempts=4 or 8", "as the default says"),
        ("however long",),
    ),
    "only the first consumer cancelled": Slip(
        "ex5_fix_task_done",
        "            task.cancel()\n",
        "            task.cancel()\n            break\n",
        "task.cancel()",
        ("1 was cancelled, the others not",),
        ("end mark",),
    ),
    "one attempt that becomes two": Slip(
        "ex5_fix_task_done",
        "range(1, attempts + 1)",
        "range(1, max(attempts, 2) + 1)",
        "await process_item(item)",
        ("was tried 2 times, with attempts=1",),
        ("marked as done",),
    ),
}


PRESENT = {name: slip for name, slip in SLIPS.items() if slip.exercise in EXERCISES}


def _changed(slip: Slip) -> str:
    source = (ROOT / "solutions" / f"{slip.exercise}.py").read_text(encoding="utf-8")
    assert slip.old in source
    return source.replace(slip.old, slip.new, 1)


def test_the_cause_is_told_at_its_line(subtests: pytest.Subtests) -> None:
    """The first finding names what was done, where the learner wrote it."""
    modules = [(slip.exercise, _changed(slip)) for slip in PRESENT.values()]
    results = grade_each(modules, seed=7)
    for (name, slip), result in zip(PRESENT.items(), results, strict=True):
        with subtests.test(name):
            _told(slip, result)


def _told(slip: Slip, result: ExerciseResult) -> None:
    changed, failure = _changed(slip), result.first_failure
    assert failure is not None
    assert all(words in failure.message for words in slip.words), failure.message
    assert not any(words in failure.message for words in slip.never), failure.message
    if slip.line:
        assert failure.line is not None
        assert changed.splitlines()[failure.line - 1].strip().startswith(slip.line)
    got, _, asked = failure.message.partition("\n")
    if "waited" in got:  # the digits show that the waits differ
        assert got.split("waited")[1].split("ms")[0] not in asked
