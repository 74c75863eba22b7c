"""Which commands have the host of learners' processes started for them before anything else."""

from __future__ import annotations

import pytest

from grader.cli import ahead
from grader.cli.commands import COMMANDS

WITH_HOST = {"export", "predict", "grade", "hint", "solution", "timeline"}


def test_every_command_is_on_one_side() -> None:
    """A new command says whether it runs exercises in its own process."""
    assert set(COMMANDS) == ahead.WITHOUT_HOST | WITH_HOST
    assert not ahead.WITHOUT_HOST & WITH_HOST


@pytest.mark.parametrize(
    ("words", "started"),
    [
        ([], [True]),
        (["grade", "ex2"], [True]),
        (["ex2", "--no-fork"], [False]),
        (["hint"], [True]),
        (["list"], []),
        (["--help"], []),
        (["grade", "-h"], []),
    ],
)
def test_started_ahead(
    words: list[str], started: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host is started for those that need one, of the kind that they ask for."""
    seen: list[bool] = []
    monkeypatch.setattr(ahead, "start_early", lambda *, fork: seen.append(fork))
    ahead.start_ahead(words)
    assert seen == started
