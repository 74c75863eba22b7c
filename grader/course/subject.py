"""The learner's module as a check sees it: runs scenarios and returns their traces."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from grader.course.kit.contract import Contract
from grader.course.kit.failures import Failure, Misconception, span
from grader.course.kit.world import Scenario, names_in
from grader.course.mistakes.errors import RAISES_AN_ERROR_OF_ITS_OWN, WAITS_FOR_WHAT_NEVER_COMES
from grader.course.mistakes.loop import BLOCKS_THE_LOOP, COROUTINE_NEVER_AWAITED
from grader.course.mistakes.pauses import DEFAULT_CHANGED, SLEEP_NOT_AWAITED
from grader.course.rules.ends import unwelcome_end
from grader.course.rules.marks import with_its_item
from grader.course.rules.pauses import with_its_pauses
from grader.course.rules.possible import IMPOSSIBLE, impossible
from grader.course.rules.shapes import cut_off
from grader.results import Level
from grader.script import Script
from grader.trace import Trace

__all__ = ["Rehearsal", "Rehearsed", "Subject", "stopped"]

_Scenario = TypeVar("_Scenario", bound=Scenario)

Runner = Callable[[Script, int], Awaitable[Mapping[str, Any]]]


class Rehearsed(Exception):
    """Carries a check's first requests: pairs of a scenario and the process to run it in.

    shared: the name of a scenario that checks share, or "".
    """

    def __init__(self, requests: Sequence[tuple[Scenario, int]], shared: str = "") -> None:
        super().__init__(f"{len(requests)} requests")
        self.requests = requests
        self.shared = shared


class Rehearsal:
    """Stands in for a `Subject` to find out what a check runs first."""

    async def run(self, scenario: Scenario, *, process: int = 0, **_options: Any) -> Trace:
        raise Rehearsed([(scenario, process)])

    async def run_all(
        self, scenarios: Sequence[Any], *, process: int = 0, **_options: Any
    ) -> list[tuple[Any, Trace]]:
        raise Rehearsed([(scenario, process) for scenario in scenarios])

    async def run_briefly(
        self, scenario: Scenario, _judge: object, *, process: int = 0, **_options: Any
    ) -> Trace:
        raise Rehearsed([(scenario.briefly(), process)])

    async def run_apart(self, *requests: tuple[Scenario, int]) -> list[Trace]:
        raise Rehearsed(requests)

    async def shared(self, name: str, scenario: Scenario, *, process: int = 0) -> Trace:
        raise Rehearsed([(scenario, process)], name)


class Subject:
    """Runs scenarios on the learner's module, and keeps the traces of this check.

    run: sends a script to a process of the submission, by number; returns the raw trace, or raises
        `Failure` if there is none.
    known: the traces that the checks of one exercise share, by name.
    supplied: lines of the module that came with the stub.
    contract: the exercise's fixed signatures.
    source: the module's text, for what no trace tells.
    """

    def __init__(
        self,
        run: Runner,
        known: dict[str, Trace] | None = None,
        supplied: Collection[int] = (),
        contract: Contract | None = None,
        source: str = "",
    ) -> None:
        self._run = run
        self._source = source
        self._contract = contract
        self._supplied = supplied
        self._known = {} if known is None else known
        self.runs: list[tuple[Scenario, Trace]] = []
        self.levels: list[Level] = []

    async def run(
        self, scenario: Scenario, *, process: int = 0, allow: tuple[str, ...] = ()
    ) -> Trace:
        """Run one scenario and return its trace; raises `Failure` if it ended badly.

        process: scenarios with different numbers run in different processes of the module.
        allow: ends that the check judges itself: "deadlock", "raised" (an error that leaves
            `run_pipeline`), "died" (an error that leaves a consumer).
        """
        script = scenario.script(self._contract)
        raw = await self._run(script, process)
        trace = Trace({**raw, **names_in(script)}, script.items, self._supplied)
        self.runs.append((scenario, trace))
        failure = (
            impossible(trace, script)
            or _limit_of_its_own(trace, scenario)
            or unwelcome_end(trace, scenario, allow)
        )
        if failure is not None:
            failure = with_its_pauses(failure, trace, scenario, self._defaults())
            raise with_its_item(failure, trace, scenario)
        return trace

    async def run_all(
        self, scenarios: Sequence[_Scenario], *, process: int = 0, allow: tuple[str, ...] = ()
    ) -> list[tuple[_Scenario, Trace]]:
        """Run several scenarios in order; returns each with its trace.

        The prefetch requests them all at once, so the learner's process need not wait in between.
        """
        return [
            (scenario, await self.run(scenario, process=process, allow=allow))
            for scenario in scenarios
        ]

    async def run_briefly(
        self,
        scenario: _Scenario,
        judge: Callable[[Trace, _Scenario], None],
        *,
        process: int = 0,
        allow: tuple[str, ...] = (),
    ) -> Trace:
        """Run a scenario with very many events, recording it only briefly if all is well.

        judge: raises `Failure` if it is not; the scenario is then run again with a full record, to find
            the reason.
        """
        runs = len(self.runs)
        try:
            trace = await self.run(scenario.briefly(), process=process, allow=allow)
            judge(trace, scenario)
        except Failure:
            if len(self.runs) == runs:  # there is no trace
                raise
            judge(await self.run(scenario, process=process, allow=allow), scenario)
            raise
        return trace

    async def run_apart(self, *requests: tuple[Scenario, int]) -> list[Trace]:
        """Run each scenario in the given process, in order; returns the traces."""
        return [await self.run(scenario, process=process) for scenario, process in requests]

    async def shared(self, name: str, scenario: Scenario, *, process: int = 0) -> Trace:
        """The trace of a scenario that several checks share; only the first of them runs it.

        All checks that use the same name must pass the same scenario, drawn with `Draw.shared`.
        """
        if name not in self._known:
            self._known[name] = await self.run(scenario, process=process)
        else:
            self.runs.append((scenario, self._known[name]))
        return self._known[name]

    def show(self, trace: Trace) -> None:
        """Draw this trace on the timeline of a check that passes, instead of the last one."""
        self.runs.sort(key=lambda run: run[1] is trace)

    def measured(self, *levels: Level) -> None:
        """Keep service levels for the screen; a check still has to raise what is not met."""
        self.levels += levels

    def explain(self, failure: Failure) -> Failure:
        """The failure, or the deeper cause of it that its trace shows."""
        if not self.runs or failure.mistake is IMPOSSIBLE:
            return failure
        trace = failure.trace or self.runs[-1][1]
        cause = _forgotten_await(trace)
        if cause is None and failure.mistake is None:
            cause = _stop(trace)
        told = cause or self._of_defaults(failure) or _named(failure)
        return told.about(trace)

    def _of_defaults(self, failure: Failure) -> Misconception | None:
        """The failure as one of changed defaults, if it occurs only when options are left out.

        A check first makes calls with all options, and then one that leaves some to their defaults. Those
        that stand in the file as they should are not the reason.
        """
        run = next((run for run in self.runs if run[1] is failure.trace), None)
        if run is None or not run[0].unsaid or failure.why != "expectation":
            return None
        if all(scenario.unsaid for scenario, _trace in self.runs):  # nothing to compare it with
            return None
        unsaid = [name for name in run[0].options if name in run[0].unsaid - self._as_fixed()]
        if not unsaid:
            return None
        defaults = ", ".join(f"{name}={run[0].options[name]:g}" for name in unsaid)
        cause = DEFAULT_CHANGED(
            f"Called without {', '.join(unsaid)}: {failure.message}",
            f"The defaults belong to the signature, which is fixed: {defaults}.",
            at=failure.at,
            task=failure.task,
            item=failure.item,
        )
        cause.about(run[1])
        return cause

    def _defaults(self) -> dict[str, Any]:
        functions = (self._contract or Contract()).functions.values()
        return {name: value for one in functions for name, value in one.defaults.items()}

    def _as_fixed(self) -> frozenset[str]:
        """The options whose defaults in the file are those of the contract."""
        from grader.course.where import defaults_as_fixed  # noqa: PLC0415 - few submissions need it

        return defaults_as_fixed(self._source, self._contract or Contract())


def stopped(
    message: str,
    why: str,
    line: int | None,
    error: Mapping[str, Any] | None,
    *,
    holds: bool,
) -> Failure:
    """The failure for a process that did not answer completely.

    message, why, line, error: as in `Failure`.
    holds: whether the event loop was blocked.
    """
    if holds:
        asks = "While one task waits, the others go on: it waits by awaiting."
        return BLOCKS_THE_LOOP(message, asks, why=why, line=line)
    return Failure(message, why=why, line=line, error=error)


def _limit_of_its_own(trace: Trace, scenario: Scenario) -> Failure | None:
    """The failure for a try cut off by a timeout, if a task died of it and the others deadlocked."""
    died = trace.died() if trace.how == "deadlock" else ()
    if any(error["type"] == "TimeoutError" for _, error in died):
        return cut_off(trace, scenario)
    return None


def _named(failure: Failure) -> Failure:
    """Give a failure without a recognised mistake the general one for its kind."""
    failure.mistake = failure.mistake or _KINDS.get(failure.why)
    return failure


_KINDS = {"error": RAISES_AN_ERROR_OF_ITS_OWN, "deadlock": WAITS_FOR_WHAT_NEVER_COMES}


def _forgotten_await(trace: Trace) -> Misconception | None:
    for name, line in trace.unawaited:
        if line is not None:
            return _never_awaited(name, line)
    return None


def _stop(trace: Trace) -> Misconception | None:
    if trace.blocked:
        stop = trace.blocked[0]
        return BLOCKS_THE_LOOP(
            f"time.sleep() at line {stop.line} stopped the whole event loop for "
            f"{span(stop.seconds)}, at {stop.at:.3f} s: nobody else could move meanwhile.",
            "While one task waits, the others go on: wait by awaiting.",
            line=stop.line,
            at=stop.at,
        )
    return None


def _never_awaited(name: str, line: int) -> Misconception:
    short = name.rpartition(".")[2]
    if name.startswith("Service"):
        return COROUTINE_NEVER_AWAITED(
            f"Line {line} calls the service without await: a coroutine was made and thrown away, "
            "and nothing was worked on.",
            "Calling an async function only makes a coroutine; await runs it.",
            line=line,
        )
    mistake = SLEEP_NOT_AWAITED if short == "sleep" else COROUTINE_NEVER_AWAITED
    return mistake(
        f"Line {line} calls {short}() without await: the coroutine was made and thrown away, "
        "so it never ran.",
        "Calling an async function only makes a coroutine; await runs it.",
        line=line,
    )
