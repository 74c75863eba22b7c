"""What holds of a pipeline with a bounded queue, asked of its trace.

Each function raises `Failure` with the evidence, or returns when all is well. `attempts` (in the
scenario's options, 1 without) says how many failed tries settle an item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.authoring.ends import describe_error, unwelcome_end, waiting_words
from grader.authoring.failures import Failure, Misconception, asked_of_trace, lines
from grader.scenario import ALWAYS, Pipeline
from grader.trace import SAME_TIME, Print, Trace

__all__ = [
    "State",
    "all_worked_on_in_order",
    "bound_holds",
    "consumers_are_busy",
    "error_surfaced",
    "holds_error",
    "keeps_awake_by_waiting",
    "logs_true_sizes",
    "queue_is_used",
    "returned_promptly",
    "settled_items",
    "states",
    "waits_for_real",
    "why_deadlocked",
]


@dataclass(frozen=True, slots=True)
class State:
    """The pipeline at a moment at which time passes.

    taken, begun, settled: how many items were taken from the source, begun, settled by then.
    depth: the size of the queue that carries the items, None while it is not an `asyncio.Queue`.
    """

    at: float
    taken: int
    begun: int
    settled: int
    depth: int | None

    @property
    def waiting(self) -> int:
        """Items taken and not begun: those in the queue and in the producer's hand."""
        return self.taken - self.begun

    @property
    def at_work(self) -> int:
        """Items begun and not settled; one that waits for its retry counts."""
        return self.begun - self.settled


def states(trace: Trace, scenario: Pipeline) -> list[State]:
    """The pipeline's state at each moment at which time passes."""
    carrier = _carrier(trace)
    settle_orders = settled_items(trace, scenario)
    taken = depth = 0
    begun: set[int] = set()
    settled: set[int] = set()
    found = []
    position = 0
    for at, until in trace.instants():
        for order in range(position, until):
            event = trace.events[order]
            if event.kind == "take":
                taken += 1
            elif event.kind == "begin":
                begun.add(event.data[0])
            elif event.kind in ("put", "get") and event.data[0] == carrier:
                depth = event.data[1]
            if order in settle_orders:
                settled.add(settle_orders[order])
        position = until
        found.append(State(at, taken, len(begun), len(settled), None if carrier is None else depth))
    return found


def settled_items(trace: Trace, scenario: Any) -> dict[int, int]:
    """Where in the trace each item is settled: the event's place -> the item."""
    attempts = scenario.options.get("attempts", 1 if isinstance(scenario, Pipeline) else 4)
    found: dict[int, int] = {}
    for one in trace.tries:
        given_up = one.outcome == "transient" and one.number >= attempts
        if one.end_order is not None and (one.outcome in ("ok", "error") or given_up):
            found.setdefault(one.end_order, one.item)
    return found


def _carrier(trace: Trace) -> int | None:
    """The queue that the items go through: the first into which anything was put."""
    return trace.puts[0].queue if trace.puts else None


def _numbers(trace: Trace, items: Sequence[int]) -> str:
    names = [trace.name(item) for item in items[:4]]
    more = f" and {len(items) - 4} more" if len(items) > 4 else ""
    return ("item " if len(items) == 1 else "items ") + ", ".join(names) + more


# -- every item, once, in order ---------------------------------------------------------------


@asked_of_trace
def all_worked_on_in_order(trace: Trace, scenario: Pipeline) -> None:
    """Every item is begun once (by its first try), in order, and finished before the return."""
    settled = set(settled_items(trace, scenario).values())
    missing = [item for item in range(len(scenario.jobs)) if item not in settled]
    if missing:
        raise _why_missing(trace, missing)
    _no_repeats(trace, scenario)
    order = [one.item for one in trace.tries if one.number == 1]
    for place, item in enumerate(order):
        if item != place:
            raise Misconception(
                "items-out-of-order",
                f"Work began on item {trace.name(item)} before item {trace.name(place)}, "
                "which was taken earlier.",
                "Items are begun in the order in which they come: first in, first out.",
            )


def _no_repeats(trace: Trace, scenario: Pipeline) -> None:
    attempts = scenario.options.get("attempts", 1)
    for one in trace.tries:
        job = scenario.jobs[one.item]
        allowed = attempts if job.fails == ALWAYS else min(job.fails + 1, attempts)
        if one.number > allowed:
            raise Misconception(
                "works-twice",
                f"Item {trace.name(one.item)} was worked on again at {one.start:.3f} s, "
                "although it was settled.",
                "Every item is worked on exactly once.",
                line=one.line,
            )


def _why_missing(trace: Trace, missing: list[int]) -> Failure:
    asks = "Every item is worked on exactly once, and run_pipeline returns when all are finished."
    begun = {one.item for one in trace.tries}
    unfinished = [item for item in missing if item in begun]
    taken = {event.data[0] for event in trace.taken}
    joins = trace.of("join")
    for event, error in trace.died():
        if event.task != 1 and (not trace.tries or "TransientError" not in error["type"]):
            return Failure(
                f"{trace.label(event.task)} died at {event.at:.3f} s of {error['type']}"
                f"{lines(list(error['lines'])[-1:])}, and {_numbers(trace, missing)} "
                "never got finished.",
                asks,
                why="error",
                line=(list(error["lines"]) or [None])[-1],
            )
    if joins and trace.puts and joins[0].at <= trace.puts[0].at and joins[0].data[1] == 0:
        return Misconception(
            "join-before-put",
            f"join() was awaited (line {joins[0].line}) before anything was put into the queue: "
            f"nothing was unfinished yet, so it did not wait, and {_numbers(trace, missing)} "
            "never got finished.",
            asks,
            line=joins[0].line,
        )
    returned = f"run_pipeline returned at {trace.clock:.3f} s"
    thrown = [item for item in missing if item in taken and _thrown_away(trace, item)]
    if thrown:
        return Misconception(
            "drops-items",
            f"{_numbers(trace, thrown).capitalize()} {'was' if len(thrown) == 1 else 'were'} "
            "taken from the source, and thrown away without being worked on.",
            "Nothing is thrown away: when the queue is full, the producer waits.",
        )
    naps = [e for e in trace.of("timer") if e.task == 1]
    if unfinished and naps:
        code, how = _impatience(trace, naps)
        return Misconception(
            code,
            f"{returned} while {_numbers(trace, unfinished)} "
            f"{'was' if len(unfinished) == 1 else 'were'} still being worked on: "
            f"{how}{lines([naps[-1].line])}.",
            f"{asks} An empty queue is not finished work: join() waits for both.",
            line=naps[-1].line,
        )
    if unfinished:
        return Misconception(
            "returns-without-waiting",
            f"{returned} while {_numbers(trace, unfinished)} "
            f"{'was' if len(unfinished) == 1 else 'were'} still being worked on.",
            asks,
        )
    return Misconception(
        "returns-without-waiting",
        f"{returned}, and {_numbers(trace, missing)} {'was' if len(missing) == 1 else 'were'} "
        "never begun.",
        asks,
    )


def _impatience(trace: Trace, naps: Sequence[Any]) -> tuple[str, str]:
    """How it waited, when it did not wait long enough."""
    if len(trace.of("join")) > len(trace.of("joined")):
        return "join-bounded", "its join() was cut off by a timeout"
    if len([nap for nap in naps if nap.line == naps[-1].line]) == 1:
        return (
            "sleep-instead-of-join",
            f"it had slept for {naps[-1].data[0]:g} s instead of waiting",
        )
    return "empty-queue-taken-for-finished", "it had looked again and again whether all was done"


def _thrown_away(trace: Trace, item: int) -> bool:
    """It never went into the queue, though later ones were taken; or a producer took it out."""
    puts = [step for step in trace.puts if step.item == item]
    if not puts:
        known = any(step.item is not None for step in trace.puts)
        return (known and trace.taken[-1].data[0] > item) or (known and bool(trace.of("drained")))
    producers = {event.task for event in trace.taken}
    return any(step.item == item and step.task in producers for step in trace.gets)


# -- the end ----------------------------------------------------------------------------------


@asked_of_trace
def returned_promptly(trace: Trace) -> None:
    """`run_pipeline` returns when the last item is settled, and leaves no task behind."""
    ended = max((one.end for one in trace.tries if one.end is not None), default=0.0)
    if trace.clock - ended > SAME_TIME:
        late = [e for e in trace.of("timer") if e.at > ended]
        raise Misconception(
            _late_code(trace, late),
            f"The last item was finished at {ended:.3f} s, but run_pipeline returned only at "
            f"{trace.clock:.3f} s{lines([late[-1].line] if late else [])}.",
            "It returns promptly when all items are finished: join() wakes it at that moment.",
            line=late[-1].line if late else None,
        )
    if trace.left:
        raise Misconception(
            "tasks-left-behind",
            f"run_pipeline returned, and left tasks behind: {waiting_words(trace, trace.left)}.",
            "Every task that it started is done or cancelled when it returns.",
            line=trace.left[0].line,
        )


@asked_of_trace
def waits_for_real(trace: Trace) -> None:
    """`run_pipeline` waits for the work itself: nothing wakes it in between."""
    waiting = {1} | {event.task for event in trace.of("join")}
    workers = {one.task for one in trace.tries}
    for nap in trace.of("timer"):
        if nap.task in waiting - workers:
            raise Misconception(
                "polls-instead-of-join",
                f"While the work went on, run_pipeline woke up at {nap.at:.3f} s, after "
                f"{nap.data[0]:g} s (line {nap.line}), to look whether all was done.",
                "The wait is a real one: join(), or the consumers' own end, wakes it once.",
                line=nap.line,
            )


def _late_code(trace: Trace, late: Sequence[Any]) -> str:
    """What it waited with instead: a bounded join, polling, a sleep, or nothing known."""
    joins, joined = trace.of("join"), trace.of("joined")
    workers = {one.task for one in trace.tries}
    if late and all(e.task in workers for e in late):
        return "sleeps-after-last-failure"
    if late and len(joins) > len(joined):
        return "join-bounded"
    naps = [e for e in trace.of("timer") if late and e.line == late[-1].line]
    if len(naps) > 1:
        return "polls-instead-of-join"
    return "sleep-instead-of-join" if late else "returns-late"


# -- backpressure -----------------------------------------------------------------------------


def bound_holds(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """Never more than `maxsize` + 1 items taken and not begun, for each of several `maxsize`."""
    peaks = [(scenario, trace, _peak(trace, scenario)) for scenario, trace in runs]
    for scenario, trace, peak in peaks:
        if peak.waiting > scenario.options["maxsize"] + 1:
            raise _why_unbounded(scenario, trace, peak, peaks).about(trace)


def _peak(trace: Trace, scenario: Pipeline) -> State:
    return max(states(trace, scenario), key=lambda state: state.waiting)


def _why_unbounded(
    scenario: Pipeline,
    trace: Trace,
    peak: State,
    peaks: Sequence[tuple[Pipeline, Trace, State]],
) -> Failure:
    maxsize = scenario.options["maxsize"]
    seen = f"With maxsize={maxsize} there were {peak.waiting} items waiting at {peak.at:.3f} s"
    asks = f"At most {maxsize + 1}: {maxsize} in the queue, and one in the producer's hand."
    waits = trace.of("put_wait")
    line = trace.taken[-1].line
    if len({event.task for event in waits}) > 1:
        return Misconception(
            "puts-run-in-tasks",
            f"{seen}: every put runs in a task of its own (line {waits[-1].line}), so the producer "
            "never waits. The tasks are the unbounded buffer now.",
            asks,
            line=waits[-1].line,
        )
    first_put = trace.puts[0].order if trace.puts else len(trace.events)
    early = [e for e in trace.events[:first_put] if e.kind == "take"]
    if len(early) > maxsize + 1:
        return Misconception(
            "reads-all-items-first",
            f"{len(early)} items were taken (line {early[0].line}) before the first was put: "
            "with a large source that list is the unbounded buffer.",
            "Take an item, put it, take the next: `items` may be endless.",
            line=early[0].line,
        )
    sizes = {other.options["maxsize"] for other, _, _ in peaks}
    waiting = {other_peak.waiting for _, _, other_peak in peaks}
    everything = all(
        state.waiting >= len(one.jobs) - one.options["consumers"] for one, _, state in peaks
    )
    if everything:
        return Misconception(
            "unbounded-queue",
            f"{seen}, of {len(scenario.jobs)} in all: nothing held the producer back.",
            asks,
            line=None,
        )
    if len(sizes) > 1 and len(waiting) == 1:
        return Misconception(
            "ignores-maxsize",
            f"{seen}, and just as many with every other maxsize.",
            asks + " The bound comes from the parameter.",
        )
    return Misconception("bound-too-large", f"{seen}.", asks, line=line)


def queue_is_used(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """While all consumers are busy and items are left, `maxsize` items wait in the queue."""
    for scenario, trace in runs:
        failure = _not_filled(trace, scenario)
        depths = {max((s.depth or 0 for s in states(t, one)), default=0) for one, t in runs}
        if failure is not None and len(runs) > 1 and len(depths) == 1 and depths != {0}:
            depth = depths.pop()
            raise Misconception(
                "ignores-maxsize",
                f"The queue never held more than {depth} item{'s' if depth > 1 else ''}, "
                f"whatever maxsize says. {failure.message}",
                failure.asks,
            ).about(trace)
        if failure is not None:
            raise failure.about(trace)


def _not_filled(trace: Trace, scenario: Pipeline) -> Failure | None:
    maxsize, consumers = scenario.options["maxsize"], scenario.options["consumers"]
    for state in states(trace, scenario):
        if state.at_work < consumers or state.taken >= len(scenario.jobs):
            continue
        queued = state.waiting if state.depth is None else state.depth
        if queued < maxsize:
            return _why_not_filled(trace, scenario, state, queued)
    return None


def _why_not_filled(trace: Trace, scenario: Pipeline, state: State, queued: int) -> Failure:
    maxsize = scenario.options["maxsize"]
    seen = (
        f"At {state.at:.3f} s all consumers were busy and items were left, but only {queued} "
        f"waited in the queue, with maxsize={maxsize}"
    )
    asks = f"The queue fills up to maxsize: {maxsize} items wait, and then the producer does."
    naps = _producers_naps(trace)
    if naps:
        return Misconception(
            _nap_code(trace, naps[0]),
            f"{seen}: the producer was asleep (line {naps[0].line}) instead of waiting for room.",
            "`await q.put(item)` wakes the producer at the moment when there is room.",
            line=naps[0].line,
        )
    return Misconception("queue-not-filled", f"{seen}.", asks)


def _producers_naps(trace: Trace) -> list[Any]:
    producers = {event.task for event in trace.taken}
    last = trace.taken[-1].at if trace.taken else 0.0
    return [e for e in trace.of("timer") if e.task in producers and e.at <= last + SAME_TIME]


@asked_of_trace
def keeps_awake_by_waiting(trace: Trace) -> None:
    """The producer waits by awaiting: it neither sleeps nor stops the loop."""
    if trace.blocked:
        stop = trace.blocked[0]
        raise Misconception(
            "blocks-the-loop",
            f"time.sleep() at line {stop.line} stopped the whole event loop for "
            f"{stop.seconds:g} s, at {stop.at:.3f} s.",
            "The producer waits by awaiting, so that the consumers can go on.",
            line=stop.line,
        )
    naps = _producers_naps(trace)
    if naps:
        nap = naps[0]
        raise Misconception(
            _nap_code(trace, nap),
            f"The producer slept for {nap.data[0]:g} s until {nap.at:.3f} s (line {nap.line}), "
            f"{len(naps)} time{'s' if len(naps) > 1 else ''} in all.",
            "`await q.put(item)` is all the waiting that it needs: it wakes when there is room.",
            line=nap.line,
        )


def _nap_code(trace: Trace, nap: Any) -> str:
    """Does the producer sleep with an item in its hand (for want of room), or anyway?"""
    began = nap.at - nap.data[0]
    taken = sum(1 for event in trace.taken if event.at <= began + SAME_TIME)
    put = sum(1 for step in trace.puts if step.at <= began + SAME_TIME)
    return "polls-for-room" if put < taken else "producer-sleeps"


# -- throughput -------------------------------------------------------------------------------


@asked_of_trace
def consumers_are_busy(trace: Trace, scenario: Pipeline) -> None:
    """`consumers` items are worked on at once while there are items."""
    consumers, total = scenario.options["consumers"], len(scenario.jobs)
    found = states(trace, scenario)
    for state in found[:-1]:
        wished = min(consumers, total - state.settled)
        if state.at_work < wished:
            raise _why_idle(trace, found, state, wished, consumers)
        if state.at_work > consumers:
            raise Misconception(
                "work-runs-beside-the-consumers",
                f"At {state.at:.3f} s {state.at_work} items were worked on at once, "
                f"with consumers={consumers}.",
                "Each consumer works on one item at a time.",
            )


def _why_idle(
    trace: Trace, found: Sequence[State], state: State, wished: int, consumers: int
) -> Failure:
    most = max(one.at_work for one in found)
    seen = (
        f"At {state.at:.3f} s {state.at_work} item{'s were' if state.at_work != 1 else ' was'} "
        f"worked on, while {wished} could have been"
    )
    asks = f"With consumers={consumers}, {consumers} items are worked on at once while there are items."
    if most < consumers:
        return Misconception("ignores-consumers", f"{seen}; it was never more than {most}.", asks)
    naps = _producers_naps(trace)
    if naps:
        return Misconception(
            "producer-sleeps",
            f"{seen}: the producer slept for {naps[0].data[0]:g} s (line {naps[0].line}).",
            asks,
            line=naps[0].line,
        )
    workers = {one.task for one in trace.tries}
    polls = [e for e in trace.of("timer") if e.task in workers]
    if polls:
        return Misconception(
            "polls-for-items",
            f"{seen}: a consumer slept for {polls[0].data[0]:g} s (line {polls[0].line}) "
            "instead of waiting for an item.",
            asks + " `await q.get()` wakes a consumer at once.",
            line=polls[0].line,
        )
    return Misconception("consumers-idle", f"{seen}.", asks)


# -- the log ----------------------------------------------------------------------------------


@asked_of_trace
def logs_true_sizes(trace: Trace, scenario: Pipeline) -> None:
    """After each put a line `PROD <item> SZ <size>`, with the queue's true size at that moment."""
    found = [line for line in trace.prints if line.text.startswith("PROD ")]
    if not found:
        raise _why_no_log(trace)
    for item, line in zip(range(len(scenario.jobs)), found, strict=False):
        words = line.text.split(" ")
        if len(words) < 4 or words[1] != trace.name(item) or words[2] != "SZ":
            raise Misconception(
                "log-format",
                f"The line for item {trace.name(item)} reads {line.text!r:.60}.",
                f"It begins `PROD {trace.name(item)} SZ <size>`, its fields separated by one space.",
                line=line.line,
            )
        _true_size(trace, line, words[3], item)
    if len(found) != len(scenario.jobs):
        raise Misconception(
            "log-lines-missing",
            f"{len(scenario.jobs)} items were put, but {len(found)} lines begin with PROD.",
            "One line after each put.",
        )


def _why_no_log(trace: Trace) -> Failure:
    asks = "After each put, a line on stdout that begins `PROD <item> SZ <size>`."
    errors = [event for event in trace.of("stderr") if "PROD" in event.data[0]]
    if errors:
        return Misconception(
            "log-not-on-stdout",
            f"The PROD lines went to stderr (line {errors[0].line}): logging writes there "
            "unless it is told otherwise.",
            asks,
            line=errors[0].line,
        )
    return Misconception("no-log", "No line that begins with PROD was printed.", asks)


def _true_size(trace: Trace, line: Print, said: str, item: int) -> None:
    low, high = _possible_sizes(trace, line, item)
    if said.isdecimal() and low <= int(said) <= high:
        return
    true = str(low) if low == high else f"{low} to {high}"
    seen = f"The line for item {trace.name(item)} says SZ {said:.20} at {line.at:.3f} s"
    asks = "The size is the queue's own, after the put: q.qsize() knows it."
    if said.isdecimal() and int(said) == low - 1:
        code = "size-read-too-early"
    elif said.isdecimal() and int(said) > high:
        code = "size-not-from-the-queue"
    else:
        code = "size-wrong"
    raise Misconception(
        code,
        f"{seen}, but there {'was' if true == '1' else 'were'} {true} in the queue.",
        asks,
        line=line.line,
    )


def _possible_sizes(trace: Trace, line: Print, item: int) -> tuple[int, int]:
    """The queue's size at a line: exact for an `asyncio.Queue`, else between two counts."""
    if line.size is not None and trace.puts:
        return line.size, line.size
    begun_before = len({e.data[0] for e in trace.events[: line.order] if e.kind == "begin"})
    later = [e for e in trace.events if e.kind == "begin" and e.at <= line.at + SAME_TIME]
    begun_then = len({e.data[0] for e in later})
    return max(0, item + 1 - begun_then), item + 1 - begun_before


# -- deadlocks --------------------------------------------------------------------------------


def why_deadlocked(trace: Trace, scenario: Pipeline) -> Failure:
    """The failure for a pipeline that never returns, by what its tasks wait for."""
    failure = unwelcome_end(trace, scenario, ())
    assert failure is not None
    if failure.why != "deadlock":
        return failure
    waits = f"Waiting for ever: {waiting_words(trace, trace.waits)}."
    settled = set(settled_items(trace, scenario).values())
    if not trace.tries and trace.of("put_wait"):
        line = trace.of("put_wait")[-1].line
        return Misconception(
            "consumers-start-too-late",
            f"The producer waits for room (line {line}) since {trace.clock:.3f} s, "
            "and no consumer has been started that could make any.",
            waits,
            why="deadlock",
            line=line,
        )
    if len(settled) == len(scenario.jobs):
        return _why_no_end(trace, waits, failure.line)
    return failure


def _why_no_end(trace: Trace, waits: str, line: int | None) -> Failure:
    done, got = len(trace.dones), len([step for step in trace.gets if step.item is not None])
    joins = [wait for wait in trace.waits if wait.inside.endswith("join")]
    if joins and done < got:
        return Misconception(
            "task-done-missing",
            f"All {got} items are settled at {trace.clock:.3f} s, but task_done() was called "
            f"{done} times: join() waits for {got - done} more.",
            "task_done() exactly once for each item, on every path, also when it is given up.",
            why="deadlock",
            line=joins[0].line,
        )
    waiters = [wait for wait in trace.waits if wait.inside.endswith("get")]
    if waiters and not joins:
        return Misconception(
            "one-sentinel-for-all",
            f"All items are finished at {trace.clock:.3f} s, but {len(waiters)} consumer"
            f"{'s' if len(waiters) > 1 else ''} still wait{'' if len(waiters) > 1 else 's'} "
            "for an item, and run_pipeline for them.",
            "Each consumer has to be told that there is no more: one end mark each, or cancel().",
            why="deadlock",
            line=waiters[0].line,
        )
    return Failure(
        f"All items are finished at {trace.clock:.3f} s, but run_pipeline never returns.",
        waits,
        why="deadlock",
        line=line,
    )


# -- errors -----------------------------------------------------------------------------------


@asked_of_trace
def error_surfaced(trace: Trace, kind: str, *, all_die: bool) -> None:
    """An error of the service left `run_pipeline`, bare or in a group, and did not hang it."""
    failed = [one for one in trace.tries if one.outcome == "error"]
    where = (
        f"Item {trace.name(failed[0].item)} raised {kind} at {failed[0].end:.3f} s"
        if failed
        else kind
    )
    asks = "An error that is not transient surfaces from run_pipeline, bare or in a group."
    if trace.how == "deadlock":
        waits = f"run_pipeline waits for ever: {waiting_words(trace, trace.waits)}"
        line = next((wait.line for wait in trace.waits if wait.task == 1), None)
        who = "every consumer died of it" if all_die else "its consumer died of it"
        raise Misconception(
            "error-hangs", f"{where}, {who}, and {waits}.", asks, why="deadlock", line=line
        )
    if trace.how == "returned":
        retried = [
            t
            for t in trace.tries
            if failed and t.item == failed[0].item and t.order > failed[0].order
        ]
        code = "retries-other-errors" if retried else "error-hidden"
        how = (
            "it was tried again" if retried else "run_pipeline returned as if nothing had happened"
        )
        raise Misconception(code, f"{where}, and {how}.", asks)
    error = trace.end["error"]
    if not holds_error(error, kind):
        raise Misconception(
            "error-wrapped",
            f"{where}, but what left run_pipeline was {describe_error(error)}.",
            asks,
        )


def holds_error(error: Any, kind: str) -> bool:
    """True when the error, or one in its group, is of that type."""
    inner = error.get("inner") or ()
    return error["type"] == kind or any(holds_error(one, kind) for one in inner)
