"""What is said of everyday slips: the cause, and the learner's own line."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from grader.catalog import find_root
from tests.grading import grade_sources

ROOT = Path(find_root())


class Slip(NamedTuple):
    """A change to a reference, and what has to be said of it.

    line: how the line begins that is marked. words, never: what the message holds, and what it must not.
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
        ("AttributeError: 'Queue' object has no attribute 'size'",),
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
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_the_cause_is_told_at_its_line(slip: Slip) -> None:
    """The first finding names what was done, where the learner wrote it."""
    source = (ROOT / "solutions" / f"{slip.exercise}.py").read_text(encoding="utf-8")
    assert slip.old in source
    changed = source.replace(slip.old, slip.new, 1)
    result = grade_sources({slip.exercise: changed}, seed=7)[slip.exercise]
    failure = result.first_failure
    assert failure is not None
    assert all(words in failure.message for words in slip.words), failure.message
    assert not any(words in failure.message for words in slip.never), failure.message
    assert failure.line is not None
    assert changed.splitlines()[failure.line - 1].strip().startswith(slip.line)
    got, _, asked = failure.message.partition("\n")
    if "waited" in got:  # the digits show that the waits differ
        assert got.split("waited")[1].split("ms")[0] not in asked
