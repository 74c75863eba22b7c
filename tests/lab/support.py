"""Short ways to run a piece of code in the lab, in this process."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Any

from grader.course.kit.contract import Contract, Signature
from grader.course.kit.lesson import Consume, Job, Pipeline
from grader.course.kit.world import Scenario, names_in
from grader.lab import Lab
from grader.script import Item, Script
from grader.trace import Trace

__all__ = [
    "CONSUMER",
    "CONTRACT",
    "body",
    "consume",
    "line",
    "load",
    "pipeline",
    "raw",
    "run",
    "script",
    "twice",
    "values",
]

FILENAME = "exercises/work.py"

CONSUMER = """
import asyncio

class TransientError(Exception):
    pass

async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        for attempt in range(attempts):
            try:
                await process_item(item)
            except TransientError:
                stats["retried"] += attempt + 1 < attempts
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
"""


def body(text: str) -> str:
    """A module whose `run_pipeline(items, work)` has these lines."""
    lines = indent(dedent(text).strip(), "    ")
    return f"import asyncio\nasync def run_pipeline(items, work):\n{lines}\n"


def line(code: str, mark: str = "here") -> int:
    """The number of the line that ends in the comment `# <mark>`."""
    [number] = [n for n, text in enumerate(code.splitlines(), 1) if text.endswith(f"# {mark}")]
    return number


def load(code: str) -> dict[str, Any]:
    """What the lab answers when it loads this module."""
    with Lab() as lab:
        return lab.load(dedent(code), FILENAME, "work")


CONTRACT = Contract(
    {
        "run_pipeline": Signature(("items", "work"), {"consumers": 3}),
        "consumer": Signature(("name", "q", "process_item", "stats")),
    }
)
"""The signatures of the modules in these tests."""


def script(scenario: Scenario | Script | None = None) -> Script:
    """What the lab is told of a scenario, by default of a pipeline with the items 1000 to 1003."""
    scenario = scenario or pipeline()
    return scenario if isinstance(scenario, Script) else scenario.script(CONTRACT)


def raw(code: str, scenario: Scenario | Script | None = None, seed: str = "0") -> dict[str, Any]:
    """The lab's answer for one scenario, by default a pipeline with the items 1000 to 1003."""
    with Lab(seed) as lab:
        answer = lab.load(dedent(code), FILENAME, "work")
        assert answer == {"loaded": True}, answer
        return lab.run(script(scenario))


def run(code: str, scenario: Scenario | Script | None = None, seed: str = "0") -> Trace:
    """The trace of one scenario, by default a pipeline with the items 1000 to 1003."""
    told = script(scenario)
    return Trace({**raw(code, told, seed), **names_in(told)}, told.items)


def twice(code: str, scenario: Scenario | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The lab's answers to the same scenario, in two labs."""
    return raw(code, scenario), raw(code, scenario)


def pipeline(*items: Item, seconds: float = 0.05, **options: Any) -> Pipeline:
    """A pipeline over these items."""
    return Pipeline(tuple(Job(item, seconds) for item in items or range(1000, 1004)), options)


def consume(*jobs: Job, **options: Any) -> Consume:
    """One consumer of these jobs."""
    return Consume(jobs, options=options)


def values(trace: Trace, kind: str) -> list[tuple[Any, ...]]:
    """The data of all events of a kind."""
    return [tuple(event.data) for event in trace.of(kind)]
