"""Checks of ex14: failures in a row open the circuit, one probe finds out, and all wait for it."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import (
    ALWAYS,
    HARD_STOP,
    MOST_CONSUMERS,
    MOST_WAITING,
    NEARLY_LONGEST,
    ODD,
    Draw,
    Exercise,
    Failure,
    Item,
    Job,
    Odd,
    Subject,
    check,
    endings,
    interruption,
    jitter,
    pauses,
    twice,
)
from grader.course.ex14_break_the_circuit import keeping
from grader.course.ex14_break_the_circuit.naming import (
    circuit_holds,
    explained,
    first_fault,
    never_more_at_once,
    pauses_kept,
    right_alone,
)
from grader.course.ex14_break_the_circuit.weather import Run, Weather

EXERCISE = Exercise(
    title="Break the circuit",
    track="adapt",
    teaches="a circuit breaker",
    subgoals={
        "Keep the old rules": (
            "test_works_as_before",
            "test_settles_counts_and_returns",
            "test_lets_errors_surface",
        ),
        "Open the circuit": ("test_opens_after_failures_in_a_row", "test_begins_each_run_anew"),
        "Wait while it is open": (
            "test_waits_for_the_cooldown",
            "test_waits_for_the_longer_of_the_two",
            "test_waits_by_awaiting",
        ),
        "Send one probe": ("test_sends_one_probe", "test_late_results_change_nothing"),
    },
    learned=(
        "A service that is down needs rest, not retries: failures in a row open a circuit that all "
        "share. When the cooldown is over one probe finds out what fifty consumers need to know."
    ),
    in_production=(
        "Circuit breakers come with Envoy and Istio, resilience4j and Polly, and with libraries such as "
        "pybreaker. There they fail fast, since somebody waits for an answer; a pipeline that has time "
        "waits instead, and its bounded queue makes the producer wait, too. Fifty consumers that all "
        "probe are a herd: one probe, and a state that all share. Several processes each have a circuit "
        "of their own, so the service gets one probe from each."
    ),
    read_next=(
        (
            "CircuitBreaker, by Martin Fowler",
            "https://martinfowler.com/bliki/CircuitBreaker.html",
        ),
        (
            "Circuit breaker pattern, in the Azure Architecture Center",
            "https://learn.microsoft.com/en-us/azure/architecture/patterns/circuit-breaker",
        ),
        (
            "Synchronisation primitives, in the asyncio documentation",
            "https://docs.python.org/3/library/asyncio-sync.html",
        ),
    ),
)

RETRY: dict[str, Any] = {"attempts": 4, "delay": 1 / 32, "backoff": 2.0, "jitter": 0}
BY_DEFAULT: dict[str, Any] = {"delay": 0.03, "backoff": 2.0, "jitter": 0.25, "attempts": 4}
ALONE: dict[str, Any] = {"consumers": 1, "maxsize": 1}
BASICS = ("test_works_as_before",)
OPENS = (*BASICS, "test_opens_after_failures_in_a_row")
PROBES = (*OPENS, "test_waits_for_the_cooldown", "test_sends_one_probe")
NEVER = 1_000  # a threshold that nothing comes near to


def weather(
    draw: Draw, fails: Sequence[int], items: Sequence[Item] | None = None, **options: Any
) -> Weather:
    """A pipeline over one job for each number of failing tries; all of its times are drawn."""
    named = items if items is not None else draw.items(len(fails))
    given = {"threshold": 5, "cooldown": draw.integer(10, 14) / 16, "consumers": 3, "maxsize": 3}
    jobs = [Job(item, draw.seconds(0.05, 0.12), n) for item, n in zip(named, fails, strict=True)]
    return Weather(tuple(jobs), given | RETRY | options, lazy=draw.one_of((True, False)))


def exact(draw: Draw, low: float, high: float) -> float:
    """A time that is exact as a float and in nanoseconds."""
    return draw.integer(math.ceil(low * 512), math.ceil(high * 512)) / 512


def in_step(draw: Draw, scenario: Weather) -> Weather:
    """The same with failing tries that all take equally long; no success ends with a failure."""
    seconds = exact(draw, 0.06, 0.1)
    jobs = tuple(replace(job, seconds=seconds) for job in scenario.jobs)
    ends = [
        (place, job.fails + 1, draw.seconds(0.11, 0.16))
        for place, job in enumerate(jobs)
        if job.fails != ALWAYS
    ]
    return replace(scenario, jobs=jobs, lasting=(*scenario.lasting, *ends))


async def played(
    learner: Subject,
    draw: Draw,
    scenarios: Sequence[Weather],
    *,
    process: int = 0,
    paces: bool = False,
) -> list[Run]:
    """The runs of scenarios, in which the circuit was kept and every item settled.

    paces: the circuit never opens, so that each pause is exactly one of the lesson's.
    """
    traces = await learner.run_all(scenarios, process=process, allow=keeping.ENDS)
    every = (Run(scenario, trace) for scenario, trace in traces)
    runs = [run for run in every if not keeping.is_stuck_on_rounding(run)]
    keeping.none_spins(runs)
    keeping.none_cut_off(runs)
    keeping.no_tries_used_up(runs)
    if paces:
        keeping.producer_waits(runs)
    fault = first_fault(runs)
    if fault is not None:
        same = not fault.scenario.options["jitter"]  # with jitter no run is like the one before
        if same and not fault.scenario.beside:
            [(_, alone)] = await learner.run_all([fault.scenario], process=9, allow=keeping.ENDS)
            right_alone(fault, Run(fault.scenario, alone))
        explained(runs, await evidence(learner, draw))
    if paces:
        pauses.pauses_hold([(run.scenario, run.trace) for run in runs], jitter=None)
    pauses_kept(runs)
    circuit_holds(runs)
    never_more_at_once(runs)
    keeping.all_settled(runs)
    return runs


async def evidence(learner: Subject, draw: Draw) -> list[Run]:
    """Further runs for a circuit that goes wrong: a mistake is named only if it explains them, too."""
    scenarios = [
        weather(draw, [2, 1, 2, 0, 3, 1, 2, ALWAYS, 0], **ALONE, threshold=3),
        weather(draw, [ALWAYS] * 5 + [0], **ALONE, threshold=2, attempts=1, cooldown=1.5),
        weather(draw, [ALWAYS, 0], **ALONE, threshold=7, attempts=9),
        in_step(draw, weather(draw, [3] * 5 + [0] * 3, threshold=3, attempts=9)),
        *(late(draw, fails, lasts, 2) for fails, lasts in ((0, 0.7), (1, 1.6))),
    ]
    try:
        traces = await learner.run_all(scenarios, process=8, allow=keeping.ENDS)
    except Failure:  # what was seen is told of the first runs
        return []
    return [Run(scenario, trace) for scenario, trace in traces]


def late(draw: Draw, fails: int, lasts: float, probe: int) -> Weather:
    """The first item's first try ends `lasts` seconds after all began, long after the circuit opened.

    fails: how many of its tries fail; probe: how many of those of the two items that open the circuit.
    """
    one = weather(draw, [fails, probe, probe, *[0] * 6], threshold=4, attempts=6, cooldown=1.0)
    first = (0, 1, draw.seconds(lasts, lasts + 0.1))
    probes = tuple((place, 3, draw.seconds(0.9, 1.1)) for place in (1, 2))
    return replace(one, lasting=(first, *probes))


def late_and_last(draw: Draw, lasts: float) -> Weather:
    """As `late`, where each item is tried once: the first one is given up on by its late end."""
    one = weather(draw, [ALWAYS] * 9 + [0] * 3, threshold=4, attempts=1, cooldown=1.0)
    first = (0, 1, draw.seconds(lasts, lasts + 0.1))
    probes = tuple((place, 1, draw.seconds(0.9, 1.1)) for place in range(6, 9))
    return replace(one, lasting=(first, *probes))


def before_any_probe(draw: Draw, fails: int) -> Weather:
    """The first item's first try ends after the cooldown, while the two others pause: no probe yet.

    Then both get ready at one moment. fails: how many of the first item's tries fail.
    """
    delay, cooldown = exact(draw, 2.0, 2.2), exact(draw, 0.8, 0.95)
    one = weather(draw, [fails, 1, 1], threshold=2, delay=delay, cooldown=cooldown)
    return in_step(draw, replace(one, lasting=((0, 1, draw.seconds(1.6, 1.8)),)))


@check(
    hints=(
        "With failures that are never too many in a row: is all as it was without a circuit?",
        "While the circuit is closed nothing changes: enter() returns at once, for everybody.",
        "`if self.state == CLOSED: return False`, as the first lines of enter().",
    )
)
async def test_works_as_before(learner: Subject, draw: Draw) -> None:
    """While the circuit is closed all is as before: tries, pauses and the end."""
    odd: list[Item] = [0, "", "same", "same", "END", -1, (7, 8), [7, 8], *map(Odd, ODD)]
    calm: dict[str, Any] = {"threshold": NEVER}
    scenarios = [
        weather(draw, draw.shuffled([0, 0, 1, 2, 3, ALWAYS, ALWAYS, 0]), **calm),
        weather(draw, [ALWAYS, 0, 1, ALWAYS], **calm, attempts=draw.one_of((1, 2, 6))),
        weather(draw, [0, 1, 2] * 20, **calm, consumers=MOST_CONSUMERS, maxsize=9),
        weather(draw, [0] * 20, **calm),
        weather(draw, [], **calm),
        weather(draw, [draw.integer(0, 2) for _ in odd], odd, **calm),
        weather(draw, [ALWAYS, 1, 2], **calm, delay=exact(draw, 0.2, 0.4), backoff=3.0, jitter=0.5),
    ]
    pace: dict[str, Any] = {"delay": exact(draw, 0.1, 0.2), "jitter": 1.0, "attempts": 3}
    by_default = weather(draw, [ALWAYS, 0, 1, 2] * 5, **calm, **BY_DEFAULT)
    unsaid = frozenset({*BY_DEFAULT, "consumers", "maxsize"})
    scenarios += [by_default, replace(by_default, unsaid=unsaid)]
    scenarios.append(weather(draw, [ALWAYS, 1, 2] * 9, **calm, **pace))
    runs = await played(learner, draw, scenarios, paces=True)
    keeping.few_are_taken(runs)
    twins = [(run.scenario, run.trace) for run in runs[-3:-1]]
    jitter.default_in_force(*twins)
    wide = next(run for run in runs if run.scenario.options["jitter"] == 1.0)
    added = [retry.pause / wide.scenario.pause(retry.number)[0] - 1 for retry in wide.trace.retries]
    jitter.random_at_all(added)
    alone: Any = wide.scenario
    jitter.wide_window(wide.trace, alone)


@check(
    points=3,
    needs=BASICS,
    hints=(
        "How many tries in a row have failed when your circuit opens?",
        "All failed tries count, of all consumers; a success sets the count back to 0.",
        "failed(): `self.failures += 1`, and OPEN at `self.threshold`; succeeded(): `self.failures = 0`.",
    ),
)
async def test_opens_after_failures_in_a_row(learner: Subject, draw: Draw) -> None:
    """Opens when `threshold` tries in a row have failed, of all consumers, and no earlier."""
    low, high = draw.integer(2, 3), draw.integer(6, 8)
    scenarios = [
        weather(draw, [ALWAYS, 0, 0], **ALONE, threshold=low, attempts=low + 4),
        weather(draw, [ALWAYS, ALWAYS, ALWAYS, 0], **ALONE, threshold=high, attempts=4),
        weather(draw, [0, 1, 0, 2], **ALONE, threshold=1),
        # Never that many in a row, but more than that in all.
        weather(draw, [2, 2, 2, 0, 2, 1], **ALONE, threshold=3, attempts=4),
        weather(draw, [1, 2, 1, 0, 3, 1, 2], **ALONE, threshold=3, attempts=6),
        # Items that are given up on are failures in a row as well.
        weather(draw, [ALWAYS] * 7 + [0], **ALONE, threshold=draw.integer(2, 4), attempts=1),
        in_step(draw, weather(draw, [3, 3, 3, 0, 0, 0], threshold=6)),
    ]
    many = MOST_CONSUMERS
    herd = weather(draw, [2] * many, consumers=many, threshold=2 * many)
    scenarios.append(in_step(draw, herd))
    large = MOST_WAITING
    patient = weather(draw, [ALWAYS, 0], **ALONE, threshold=large, attempts=large + 20, backoff=1.0)
    scenarios.append(patient)
    default = weather(draw, [4, 0, 6, 0], **ALONE, attempts=8, cooldown=1.0)
    # Said first: what is wrong then as well has nothing to do with the defaults.
    scenarios += [default, replace(default, unsaid=frozenset({"threshold", "cooldown"}))]
    await played(learner, draw, scenarios)


@check(
    points=2,
    needs=OPENS,
    hints=(
        "From which moment on does the cooldown run, and who begins a try before it is over?",
        "`cooldown` seconds from the end of the failing try: no first try, and no retry.",
        "`self.opens_until = loop.time() + self.cooldown` in failed(); sleep until then in enter().",
    ),
)
async def test_waits_for_the_cooldown(learner: Subject, draw: Draw) -> None:
    """While it is open no try begins, for `cooldown` seconds from the end of the failing try."""
    scenarios = [
        weather(draw, fails, **ALONE, threshold=3, attempts=9, cooldown=cooldown)
        for cooldown, fails in (
            (exact(draw, 2.0, 4.0), [4, 0, 5, 0]),
            (exact(draw, 0.25, 0.35), [3, 0, 6]),
            (exact(draw, 0.02, 0.03), [4, 3, 0]),
        )
    ]
    slow = weather(draw, [4, 0, 1], **ALONE, threshold=2, cooldown=exact(draw, 1.0, 2.0))
    scenarios.append(lasts(slow, draw.seconds(2.0, 3.0)))
    scenarios += [
        in_step(draw, weather(draw, [2] * 9, threshold=3, cooldown=exact(draw, 1.0, 2.0))),
        weather(draw, draw.shuffled([0, 0, 2, 2, 3, 3, 1, 1]), threshold=draw.integer(2, 4)),
    ]
    await played(learner, draw, scenarios)
    long, hours = draw.integer(300, 400) / 16, float(draw.integer(*NEARLY_LONGEST))
    for cooldown in (long, hours):  # who polls is told before the hours of it are run
        one = weather(draw, [3, 0, 3], **ALONE, threshold=2, cooldown=cooldown)
        keeping.never_polls(await played(learner, draw, [one]))


@check(
    pictured=True,
    points=3,
    needs=OPENS,
    hints=(
        "When the cooldown is over: who tries, and what do all the others do meanwhile?",
        (
            "One try, with any item that is ready. If it succeeds the circuit is closed for all; if it "
            "fails it is open for another cooldown."
        ),
        (
            "`async with lock:` around the wait and the probe: one holds it, the others stand in line, "
            "and look at the state when it is their turn."
        ),
    ),
)
async def test_sends_one_probe(learner: Subject, draw: Draw) -> None:
    """Then exactly one try begins; it closes the circuit for all, or opens it again."""
    many = MOST_CONSUMERS
    scenarios = [
        in_step(draw, weather(draw, [3] * 6 + [0] * 9, threshold=3, attempts=9)),
        in_step(draw, weather(draw, [1] * many + [0] * 20, consumers=many, maxsize=5)),
        in_step(draw, weather(draw, [5, 0, 0, 5, 0, 5], **ALONE, threshold=2, attempts=9)),
        # Nobody is ready when the cooldown is over: all pause.
        weather(
            draw,
            [3, 3, 0, 1],
            consumers=2,
            threshold=4,
            delay=exact(draw, 0.9, 1.4),
            cooldown=0.375,
        ),
        weather(
            draw,
            [4, 2, 0, 0],
            **ALONE,
            threshold=2,
            attempts=6,
            delay=exact(draw, 0.5, 0.6),
            cooldown=exact(draw, 0.25, 0.35),
        ),
        # The probe is an item's first try, and fails for good.
        weather(draw, [ALWAYS] * 9 + [0] * 5, threshold=3, attempts=1),
        weather(draw, [ALWAYS] * 30 + [0] * 40, consumers=draw.integer(8, 12), attempts=2),
        # The count starts anew when the circuit has closed.
        weather(draw, [3, 2, 0, 2, 1, 0], **ALONE, threshold=3, attempts=6),
    ]
    long = weather(draw, [1] * 5 + [0] * 5, consumers=5)
    lasting = [(place, 2, draw.seconds(1.5, 2.5)) for place in range(5)]
    scenarios.append(in_step(draw, replace(long, lasting=tuple(lasting))))
    scenarios.append(weather(draw, [1, 2, 0, 3, 1, 2, 0, 0] * 4, consumers=7, threshold=2))
    odd: list[Item] = [0, "", "same", "same", (7, 8), [7, 8], *map(Odd, ODD)]
    fails = [draw.integer(1, 3) for _ in odd]
    scenarios.append(weather(draw, fails, draw.shuffled(odd), consumers=4, threshold=3))
    # The one that a timeline shows: an outage, a rest, a probe, and all go on.
    shown = weather(draw, [0, 0, 0, 2, 2, 3, *[0] * 6], threshold=4, cooldown=0.375)
    # Each of the odd items is a probe, once in vain.
    each = weather(draw, [3] * len(odd), odd, **ALONE, threshold=2, attempts=6)
    scenarios += [each, shown]
    await played(learner, draw, scenarios)


@check(
    points=2,
    needs=PROBES,
    hints=(
        "A call is on its way when the circuit opens, and ends a second later: what does it change?",
        "It counts for its item. The circuit does not listen while it is open, and then to the probe.",
        "`if probe or self.state == CLOSED:` before anything else in succeeded() and in failed().",
    ),
)
async def test_late_results_change_nothing(learner: Subject, draw: Draw) -> None:
    """Tries that run when it opens change nothing while it is open, nor while the probe runs."""
    ends = (0, 0.7), (1, 0.7), (0, 1.6), (1, 1.6)
    scenarios = [late(draw, *end, probe) for end in ends for probe in (2, 3)]
    scenarios += [late_and_last(draw, lasts) for lasts in (0.7, 1.6)]
    crowd = weather(draw, [2, *[1] * 8, *[0] * 9], consumers=9, threshold=4, cooldown=0.75)
    rows = [(place, 1, draw.seconds(0.3, 2.0)) for place in range(4, 9)]
    scenarios.append(replace(crowd, lasting=tuple(rows)))
    scenarios += [before_any_probe(draw, fails) for fails in (0, 1)]
    await played(learner, draw, scenarios)


@check(
    points=2,
    needs=PROBES,
    hints=(
        "A retry has to pause, and the circuit is open: when does it begin?",
        "The two waits run at the same time: the longer of them counts, and no try is used up.",
        "Sleep the pause first; then, right before the call, wait for the circuit.",
    ),
)
async def test_waits_for_the_longer_of_the_two(learner: Subject, draw: Draw) -> None:
    """A retry waits for its pause or for the circuit, whichever is longer, and loses no try."""
    scenarios = [
        weather(draw, fails, threshold=threshold, attempts=attempts, delay=delay, cooldown=cooldown)
        for fails, threshold, attempts, delay, cooldown in (
            ([3, 3, 0, 2], 3, 4, exact(draw, 0.5, 0.6), exact(draw, 0.8, 0.9)),
            ([3, 2, 1, 0, 2], 2, 4, exact(draw, 0.9, 1.2), exact(draw, 0.3, 0.4)),
            ([1, 1, 1, 0, 0, 1], 3, 2, exact(draw, 0.2, 0.3), exact(draw, 1.5, 2.5)),
            ([ALWAYS, 1, ALWAYS, 0, 0], 2, 3, exact(draw, 0.1, 0.2), exact(draw, 0.4, 0.6)),
        )
    ]
    random: dict[str, Any] = {"delay": 0.25, "jitter": 0.5, "threshold": 3}
    scenarios.append(weather(draw, draw.shuffled([0, 0, 1, 1, 2, 3, 3, ALWAYS] * 2), **random))
    runs = await played(learner, draw, scenarios)
    keeping.counts_are_true(runs)


@check(
    needs=PROBES,
    hints=(
        "How often does your code wake up while the circuit is open, and while the probe runs?",
        "When the cooldown ends is known, and the end of the probe wakes those who wait for it.",
        "One sleep until the cooldown is over, and a Lock, an Event or a Condition for the others.",
    ),
)
async def test_waits_by_awaiting(learner: Subject, draw: Draw) -> None:
    """Waits by awaiting: nobody asks again and again what state the circuit is in."""
    long = weather(draw, [3, 2, 2, 0, 0, 0], threshold=3, cooldown=exact(draw, 20.0, 30.0))
    probe = weather(draw, [2, 2, 2, 0, 0, 0], threshold=3, cooldown=exact(draw, 0.5, 0.7))
    for seconds in (40.0, draw.hours()):  # who polls is told before the hours of it are run
        rows = tuple((place, number, seconds) for place in range(6) for number in (2, 3))
        keeping.never_polls(await played(learner, draw, [long, replace(probe, lasting=rows)]))


@check(
    needs=OPENS,
    hints=(
        "What state is the circuit in when run_pipeline is called a second time, or twice at once?",
        "Each run has a circuit of its own, which is closed at first.",
        "Make it inside of run_pipeline: not at the top of the module, and not as a default argument.",
    ),
)
async def test_begins_each_run_anew(learner: Subject, draw: Draw) -> None:
    """Each run has a circuit of its own: the next one, and one at the same time."""
    down = weather(draw, [ALWAYS] * 3, **ALONE, threshold=4, attempts=3, cooldown=64.0)
    calm = weather(draw, [0, 2, 0, 1], **ALONE, threshold=4)
    some = weather(draw, [1, 0, 1], **ALONE, threshold=3)
    both = weather(draw, [4, 0, 4, 0, 0, 0, 1, 0, 0, 0], threshold=2, consumers=1, attempts=6)
    await played(learner, draw, [calm, some, down, calm, down, some, down], process=3)
    await played(learner, draw, [replace(both, beside=6), calm], process=4)
    two = weather(draw, [0, 1, ALWAYS, 0, 2, 0, ALWAYS], threshold=NEVER)
    two = replace(two, beside=3)
    twice.keep_apart(await learner.run(two, allow=("deadlock", "raised")), two)


@check(
    points=2,
    needs=OPENS,
    hints=(
        "The last item is given up on, and opens the circuit: when does run_pipeline return?",
        "At once: join() waits for the items, and nothing else. Then the consumers are cancelled.",
        "One q.task_done() behind the retry loop; `await q.join()`, bare; then cancel what is left.",
    ),
)
async def test_settles_counts_and_returns(learner: Subject, draw: Draw) -> None:
    """Returns true stats as soon as all is settled, with each item marked once; takes no more."""
    large, many = MOST_WAITING, MOST_CONSUMERS
    slow = exact(draw, 3.0, 5.0)
    ends = [
        weather(draw, [0, 0, ALWAYS], **ALONE, threshold=4, cooldown=slow),
        weather(draw, [ALWAYS] * 5, threshold=draw.integer(4, 6), attempts=2, cooldown=slow),
        weather(draw, [0, 1, ALWAYS, 0, 0, ALWAYS, 1], threshold=3, consumers=5),
        weather(draw, [ALWAYS, 0, ALWAYS], threshold=1, attempts=1, cooldown=slow),
        weather(draw, [0, 0], threshold=1),
        weather(draw, [], threshold=1),
    ]
    full = [
        weather(draw, [2] * 4 + [0] * 30, consumers=2, maxsize=1, threshold=3, cooldown=slow),
        weather(draw, [1] * 60 + [0] * 30, consumers=many, maxsize=draw.integer(4, 9)),
        weather(draw, [2] * 9 + [0] * (large + 20), consumers=5, maxsize=large, cooldown=slow),
    ]
    runs = await played(learner, draw, [*ends, *full])
    keeping.counts_are_true(runs)
    keeping.marked_once(runs)
    keeping.few_are_taken(runs)
    keeping.returned_promptly(runs)
    first, *most, last = weather(draw, [0, 0, 1, 0]).jobs
    hours = tuple(replace(job, seconds=draw.hours()) for job in (first, last))
    long = weather(draw, [], **ALONE, threshold=2)
    [run] = await played(learner, draw, [replace(long, jobs=(hours[0], *most, hours[1]))])
    keeping.returned_promptly([run])
    endings.waits_for_real(run.trace)


@check(
    points=2,
    needs=OPENS,
    hints=(
        "What becomes of a ValueError that the probe meets, while all others wait for its end?",
        (
            "Any error that is not transient surfaces from run_pipeline: those who wait for the circuit, "
            "and the producer, are cancelled."
        ),
        "Start the consumers in an `asyncio.TaskGroup`, and let nothing catch more than TransientError.",
    ),
)
async def test_lets_errors_surface(learner: Subject, draw: Draw) -> None:
    """An error that is not transient surfaces from run_pipeline, also from the probe."""
    kinds = [*interruption.NOT_TRANSIENT, "PaymentRefused", HARD_STOP]
    some = "ValueError", "TimeoutError", "PaymentRefused"
    cases = [
        (kind, weather(draw, [draw.integer(0, 1)] * 6, threshold=NEVER), {1}) for kind in kinds
    ]
    cases += [
        (kind, weather(draw, [0] * count, threshold=NEVER), errors)
        for kind in some
        for errors, count in (({0, 1, 2}, 9), ({4}, 5))
    ]
    for kind in (*some, "RuntimeError", "ExceptionGroup", HARD_STOP):
        # Any of them may be the probe, and is it after three failures at one moment.
        herd = in_step(draw, weather(draw, [1] * 3 + [0] * 6, threshold=3))
        cases.append((kind, herd, {0, 1, 2}))
        cases.append((kind, weather(draw, [1, 0, 0], **ALONE, threshold=1), {0}))
    # A try that was running when the circuit opened raises it, while all others wait.
    slow = weather(draw, [0, 2, 2, 0, 0, 0, 0, 0], threshold=2, cooldown=8.0)
    slow = replace(slow, lasting=((0, 1, 2.0),))
    cases += [(kind, slow, {0}) for kind in some]
    scenarios = [failing(scenario, kind, errors) for kind, scenario, errors in cases]
    traces = await learner.run_all(scenarios, allow=("deadlock", "raised"))
    for (kind, _, errors), (scenario, trace) in zip(cases, traces, strict=True):
        all_die = len(errors) > 1 and scenario.options["threshold"] == NEVER
        interruption.error_surfaced(trace, kind, all_die=all_die)


def lasts(scenario: Weather, seconds: float) -> Weather:
    """The same with tries that take this long."""
    return replace(scenario, jobs=tuple(replace(job, seconds=seconds) for job in scenario.jobs))


def failing(scenario: Weather, kind: str, errors: set[int]) -> Weather:
    """The same, in which the items at these places raise an error in place of their success."""
    jobs = [
        replace(job, error=kind) if place in errors else job
        for place, job in enumerate(scenario.jobs)
    ]
    return replace(scenario, jobs=tuple(jobs))
