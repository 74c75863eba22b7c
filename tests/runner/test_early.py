"""Starting early: one host for whoever comes next, and none that stays behind."""

from __future__ import annotations

import pytest

from grader.errors import GraderFault
from grader.runner import early
from grader.runner.sandbox import Sandbox


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, list[str]]]:
    """The hosts that were opened: whether to fork, and what became of them."""
    seen: list[tuple[bool, list[str]]] = []

    class Fake:
        def __init__(self, fork: bool, sandbox: Sandbox | None) -> None:
            self.fate: list[str] = []
            seen.append((fork, self.fate))

        def dismiss(self) -> None:
            self.fate.append("dismissed")

        def close(self) -> None:
            self.fate.append("closed")

    early.farewell()
    monkeypatch.setattr(early, "open_host", lambda *, fork, sandbox=None: Fake(fork, sandbox))
    monkeypatch.setattr(early, "_keepers", [])
    return seen


def test_a_host_that_was_started_early_is_taken_over(opened: list[tuple[bool, list[str]]]) -> None:
    """However often it is asked for, one host is started early, used once, and dismissed."""
    early.start_early()
    early.start_early()
    with early.hosting(fork=True):
        assert opened == [(True, [])]
    assert opened == [(True, ["dismissed"])]
    with early.hosting(fork=True):
        assert opened == [(True, ["dismissed", "closed"]), (True, [])]
    early.farewell()
    assert opened[1] == (True, ["dismissed", "closed"])


def test_an_early_host_of_the_wrong_kind_is_closed(opened: list[tuple[bool, list[str]]]) -> None:
    """When it turns out that nothing may be forked, the early server is ended unused."""
    early.start_early()
    with early.hosting(fork=False):
        assert opened == [(True, ["dismissed"]), (False, [])]
    early.farewell()
    assert opened[0] == (True, ["dismissed", "closed"])


def test_a_host_that_nobody_took_is_closed(opened: list[tuple[bool, list[str]]]) -> None:
    """What was started early for nothing does not outlive the program."""
    early.start_early()
    early.farewell()
    assert opened == [(True, ["dismissed", "closed"])]


def test_an_early_host_without_a_sandbox_is_not_used_within_one(
    opened: list[tuple[bool, list[str]]],
) -> None:
    """Whoever asks for a sandbox never gets a host that was started without."""
    early.start_early()
    with early.hosting(fork=True, sandbox=Sandbox(("seccomp",))):
        assert opened == [(True, ["dismissed"]), (True, [])]


def test_one_host_for_several_runs(opened: list[tuple[bool, list[str]]]) -> None:
    """While hosts are kept, one serves run after run; the outermost keeper closes it."""
    with early.keeping():
        for _ in range(3):
            with early.keeping(), early.hosting(fork=True):
                assert opened == [(True, [])]
        assert opened == [(True, [])]
        with early.hosting(fork=False):
            assert opened == [(True, ["dismissed"]), (False, [])]
    assert opened == [(True, ["dismissed"]), (False, ["dismissed"])]


def test_a_host_that_failed_is_not_kept(opened: list[tuple[bool, list[str]]]) -> None:
    """The next run has a new one."""
    with early.keeping():
        with pytest.raises(GraderFault), early.hosting(fork=True):
            raise GraderFault("nobody there")
        assert opened == [(True, ["dismissed"])]
        with early.hosting(fork=True):
            assert len(opened) == 2


def test_a_host_within_a_run(opened: list[tuple[bool, list[str]]]) -> None:
    """A second one that is needed at the same time is not kept."""
    with early.keeping():
        with early.hosting(fork=True), early.hosting(fork=True):
            assert opened == [(True, []), (True, [])]
        assert opened == [(True, ["dismissed"]), (True, [])]
    assert opened[1] == (True, ["dismissed"])
