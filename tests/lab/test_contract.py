"""The learner's functions: whatever takes the call is run, and all else says why not."""

from __future__ import annotations

import pytest

from grader.course.kit.lesson import Job
from tests.lab.support import consume, pipeline, run

_GOOD_PIPELINES = {
    "plain": "async def run_pipeline(items, work, *, consumers=3, maxsize=3): return BODY",
    "keywords only": "async def run_pipeline(*, items, work, consumers, maxsize): return BODY",
    "positional only": "async def run_pipeline(items, work, /, **options): return BODY",
    "anything": "async def run_pipeline(*values, **options):\n    items, work = values; return BODY",
    "object": "class Run:\n    async def __call__(self, items, work, *, consumers, maxsize):\n"
    "        return BODY\nrun_pipeline = Run()",
    "plain def": "async def inner(items): return BODY\n"
    "def run_pipeline(items, work, consumers, maxsize): return inner(items)",
    "future": "import asyncio\nasync def inner(items): return BODY\n"
    "def run_pipeline(items, work, **o): return asyncio.ensure_future(inner(items))",
    "awaitable": "class Run:\n    def __init__(self, items, work, **options): self.items = items\n"
    "    def __await__(self):\n        items = self.items\n        return BODY\n        yield\n"
    "run_pipeline = Run",
    "no signature": "async def inner(items): return BODY\nclass Odd:\n    __signature__ = 'none'\n"
    "    def __call__(self, items, work, **o): return inner(items)\nrun_pipeline = Odd()",
    "partial": "import functools\nasync def inner(extra, items, work, **o): return BODY\n"
    "run_pipeline = functools.partial(inner, None)",
}


@pytest.mark.parametrize("kind", _GOOD_PIPELINES)
def test_whatever_takes_the_call_will_do(kind: str) -> None:
    """Any callable that accepts the call and gives something to await is run."""
    code = _GOOD_PIPELINES[kind].replace("BODY", "list(items)")
    trace = run(code, pipeline(1000, 1001, consumers=2, maxsize=1))
    assert (trace.how, trace.result) == ("returned", [1000, 1001])


def test_parameters_go_by_the_names_in_the_contract() -> None:
    """What takes its values by name alone gets them by the reference's names, and by no others."""
    code = "async def run_pipeline(*, items, {}): return True"
    assert run(code.format("work"), pipeline(1000)).result is True
    assert run(code.format("process_item"), pipeline(1000)).how == "signature"


@pytest.mark.parametrize(
    ("code", "how", "detail"),
    [
        ("", "missing", "run_pipeline"),
        ("run_pipeline = None", "missing", "run_pipeline"),
        ("run_pipeline = 5", "signature", "run_pipeline is not a function but an object of type"),
        ("async def run_pipeline(items): pass", "signature", "too many positional arguments"),
        ("async def run_pipeline(items, work): pass", "signature", "unexpected keyword argument"),
        ("def run_pipeline(items, work, maxsize): pass", "signature", "gives None, nothing to"),
        ("def run_pipeline(items, work, maxsize): return 5", "signature", "an object of type int"),
        ("class run_pipeline:\n    def __init__(*a, **o): pass", "signature", "nothing to await"),
        ("async def run_pipeline(items, work, maxsize): yield", "signature", "async generator"),
        ("def run_pipeline(items, work, maxsize): yield", "signature", "an object of type gen"),
    ],
)
def test_what_cannot_be_called_says_why(code: str, how: str, detail: str) -> None:
    """A function that is missing, takes other arguments, or gives nothing to await is told."""
    trace = run(code, pipeline(1000, maxsize=3))
    assert trace.how == how
    assert detail in trace.end["detail"]


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("", "missing"),
        ("async def consumer(name, q, process_item): pass", "signature"),
        ("def consumer(name, q, process_item, stats, **o): pass", "signature"),
        ("async def consumer(name, q, process_item, stats, **o): yield", "signature"),
    ],
)
def test_a_consumer_that_cannot_be_called_says_why(code: str, how: str) -> None:
    """The same for consumers, also when only awaiting shows it."""
    assert run(code, consume(Job(1000))).how == how
