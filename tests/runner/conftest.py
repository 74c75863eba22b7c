"""Real processes for submissions, started on both kinds of host and always ended."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from textwrap import dedent

import pytest

from grader.runner import learner as runner_learner
from grader.runner import watch as runner_watch
from grader.runner.hosts import Host, open_host
from grader.runner.learner import Learner, Submission
from grader.runner.sandbox import probe
from grader.runner.stops import Stop

Hand = Callable[..., Learner]

KINDS = ["fork", "plain"] if hasattr(os, "fork") else ["plain"]
SANDBOXED = ["sandbox"] if sys.platform == "linux" else []


def soon(true: Callable[[], bool]) -> bool:
    """Whether something becomes true before anybody would lose patience."""
    for _ in range(1_000):
        if true():
            return True
        time.sleep(0.01)
    return False


def stopped(answer: object) -> Stop:
    """The answer, which has to be a stop."""
    assert isinstance(answer, Stop), answer
    return answer


@pytest.fixture(scope="module", params=[*KINDS, *SANDBOXED])
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """A host of each kind, and one with a sandbox, for all the tests of a module."""
    sandbox = probe().sandbox if request.param == "sandbox" else None
    one = open_host(fork=request.param != "plain", sandbox=sandbox)
    yield one
    one.close()


@pytest.fixture
def hand_in(host: Host) -> Iterator[Hand]:
    """Hands in a module's source; its processes are ended after the test."""
    learners: list[Learner] = []

    def hand(code: str, seed: str = "seed") -> Learner:
        submission = Submission("work", "exercises/work.py", dedent(code))
        learners.append(Learner(host, submission, seed))
        return learners[-1]

    yield hand
    for learner in learners:
        learner.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of fractions of a second, for submissions that do nothing but reach them."""
    monkeypatch.setattr(runner_learner, "CPU_LIMIT", 0.2)
    monkeypatch.setattr(runner_learner, "CPU_LIMIT_AFTER", 0.2)
    monkeypatch.setattr(runner_learner, "_LOOK_EVERY", 0.05)
    monkeypatch.setattr(runner_watch, "SLACK", 0.1)
    monkeypatch.setattr(runner_watch, "STANDSTILL", 0.7)
