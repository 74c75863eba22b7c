"""The judge's pytest plugin: one session over the checks of all exercises.

`grader.judge` imports it only when the submissions' processes are already starting, since importing
pytest takes longer than starting them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.course.api import CheckSpec, Draw, Failure, Subject, spec_of
from grader.course.catalog import pristine
from grader.errors import HostBusy
from grader.judge.observing import observation_of, run_of, sights_in
from grader.judge.playing import scenario_runner
from grader.judge.prefetch import draw_for
from grader.judge.scorecard import Scorecard
from grader.results import Outcome, Why
from grader.source import supplied_lines
from grader.trace import TraceError

if TYPE_CHECKING:
    from grader.judge.listener import Listener

__all__ = ["Judge", "run_checks", "run_pytest"]

MOST_JUDGING = 8.0  # the grader's processor seconds per exercise; a correct submission takes 0.1
_TOO_LONG = "not run: what this file does is more than can be looked through"


def run_checks(cards: Sequence[Scorecard], listener: Listener) -> str:
    """Run the checks of all cards, which collect their results.

    Returns a description of what went wrong with the run itself, or "".
    """
    return run_pytest(Judge(cards, listener)) if cards else ""


def run_pytest(plugin: Judge) -> str:
    """Run a pytest session with this plugin; returns what went wrong with it, or ""."""
    environment = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        code = pytest.main([*_OPTIONS], plugins=[plugin])
    finally:
        if environment is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = environment
    if plugin.interrupted:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return plugin.trouble or f"pytest ended with {code!r}"
    return plugin.trouble


_OPTIONS = (
    "-c",
    os.devnull,
    "--noconftest",
    "--continue-on-collection-errors",
    "--rootdir",
    str(Path(__file__).resolve().parent),
    "--import-mode=importlib",
    "--assert=plain",
    *("-p", "pytest_asyncio.plugin"),
    *(
        part
        for name in (
            "cacheprovider",
            "terminal",
            "capture",
            "logging",
            "doctest",
            "junitxml",
            "pastebin",
            "faulthandler",
            "nose",
            "stepwise",
            "debugging",
            "setuponly",
            "setupplan",
            "recwarn",
            "monkeypatch",
            "tmpdir",
            "legacypath",
            "unraisableexception",
            "threadexception",
            "warnings",
            "subtests",
            "unittest",
            "skipping",
        )
        for part in ("-p", f"no:{name}")
    ),
    *("-o", "asyncio_mode=auto"),
    *("-o", "asyncio_default_fixture_loop_scope=session"),
    *("-o", "asyncio_default_test_loop_scope=session"),
)


class Judge:
    """The session's hooks and fixtures."""

    def __init__(self, cards: Sequence[Scorecard], listener: Listener) -> None:
        self._cards = {Path(os.path.realpath(card.entry.checks)): card for card in cards}
        self._listener = listener
        self._subjects: dict[str, Subject] = {}
        self.trouble = ""
        self.interrupted = False

    # -- collecting -----------------------------------------------------------------------------

    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collect only the checks, without pytest's search through folders."""
        for path in self._cards:
            module = pytest.Module.from_parent(session, path=path)
            session.items.extend(session.genitems(module))
        hooks = session.config.hook
        hooks.pytest_collection_modifyitems(
            session=session, config=session.config, items=session.items
        )
        session.testscollected = len(session.items)
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = []
        for item in items:
            card, spec = self._of(item)
            if spec is None:
                card.fault = f"{item.name} is a test without @check"
                continue
            card.expect(spec)
            kept.append(item)
        items[:] = kept
        self._announce()

    def _announce(self) -> None:
        for card in self._cards.values():
            self._listener.exercise_started(card.entry.id, len(card.results))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, Any, pytest.CollectReport]:
        report: pytest.CollectReport = yield
        if report.failed:
            card = self._cards.get(collector.path)
            reason = _last_line(report.longreprtext)
            if card is not None:
                card.fault = f"The checks cannot be imported: {reason}"
            else:
                self.trouble = reason
        return report

    def pytest_keyboard_interrupt(self) -> None:
        self.interrupted = True

    def pytest_internalerror(self, excrepr: Any) -> None:
        self.trouble = f"pytest failed: {_last_line(str(excrepr))}"

    def _of(self, item: pytest.Item) -> tuple[Scorecard, CheckSpec | None]:
        return self._cards[item.path], spec_of(getattr(item, "obj", None))

    # -- running one check ----------------------------------------------------------------------

    @pytest.fixture
    def learner(self, request: pytest.FixtureRequest) -> Subject:
        """The learner's module."""
        card, _spec = self._of(request.node)
        assert card.learner is not None
        submission = card.learner.submission
        supplied = supplied_lines(submission.code, pristine(submission.name))
        run = scenario_runner(card.learner)
        subject = Subject(run, card.shared, supplied, card.entry.contract, submission.code)
        self._subjects[request.node.nodeid] = subject
        return subject

    @pytest.fixture
    def draw(self, request: pytest.FixtureRequest) -> Draw:
        """The random values of this check, from the run's seed."""
        card, spec = self._of(request.node)
        assert spec is not None
        return draw_for(card.seed, card.entry.id, spec.name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, Any, Any]:
        card, spec = self._of(item)
        assert spec is not None
        card.begin()
        self._listener.check_started(card.entry.id, spec.title)
        began = time.process_time()
        result = yield
        card.judged += time.process_time() - began
        verdict = next(one for one in card.results if one.check == spec.name)
        self._listener.check_ended(card.entry.id, verdict)
        if nextitem is None or self._of(nextitem)[0] is not card:
            card.end()
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        card, spec = self._of(item)
        assert spec is not None
        if card.judged > MOST_JUDGING:
            card.settle(spec.name, why=Why.DEPENDENCY, message=_TOO_LONG)
            pytest.skip(_TOO_LONG)
        for need in spec.needs:
            if card.outcome_of(need) is not Outcome.PASSED:
                title = next((r.title for r in card.results if r.check == need), need)
                message = f"not run: it builds on “{title}”"
                card.settle(spec.name, why=Why.DEPENDENCY, message=message)
                pytest.skip(message)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        report: Any = yield
        if call.when == "call" or (call.excinfo and call.when == "setup" and not report.skipped):
            self._judge(item, call)
        return report

    def _judge(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        card, spec = self._of(item)
        assert spec is not None
        subject = self._subjects.pop(item.nodeid, None)
        verdict: dict[str, Any] = {
            "wall_ms": round(call.duration * 1000, 1),
        }
        error = call.excinfo.value if call.excinfo is not None else None
        run = run_of(subject, error, card.pick)
        source = card.learner.submission.code if card.learner is not None else ""
        verdict["levels"] = tuple(subject.levels) if subject else ()
        verdict["observation"] = observation_of(card.entry, run, source, told=card.pick is not None)
        if error is None:
            verdict |= {"outcome": Outcome.PASSED, "why": None}
        elif isinstance(error, Failure):
            failure = subject.explain(error) if subject else error
            verdict |= card.verdict_on(spec, failure)
            if verdict["outcome"] is Outcome.FAILED:
                verdict["sights"] = sights_in(card.entry, run, failure)
        elif isinstance(error, TraceError):
            message = (
                "The process of this file answered with something that is no trace.\n"
                "The grader alone writes these answers: the file leaves its parts of Python as they are."
            )
            verdict |= {"outcome": Outcome.FAILED, "why": Why.ERROR, "message": message}
        elif isinstance(error, HostBusy):
            card.busy = error
        else:
            card.fault = card.fault or _fault_words(spec, error)
            verdict |= {"why": Why.UNGRADED, "message": "the grader's own fault: not judged"}
        card.settle(spec.name, **verdict)


def _fault_words(spec: CheckSpec, error: BaseException) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    file = Path(place.tb_frame.f_code.co_filename).name if place is not None else ""
    line = f" at line {place.tb_lineno} of {file}" if place is not None else ""
    return f"{spec.name} itself failed{line}: {type(error).__name__}: {error}"[:2_000]


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip()[:500] if lines else "unknown"
