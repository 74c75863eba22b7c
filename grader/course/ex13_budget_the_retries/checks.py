"""Checks of ex13: one budget for the retries of all consumers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import (
    ALWAYS,
    HARD_STOP,
    MOST_ATTEMPTS,
    MOST_CONSUMERS,
    MOST_WAITING,
    ODD,
    Draw,
    Exercise,
    Failure,
    Item,
    Job,
    Odd,
    Pipeline,
    Subject,
    bound,
    check,
    counts,
    crew,
    endings,
    ends,
    independence,
    interruption,
    jitter,
    marks,
    order,
    pauses,
    tries,
    twice,
)
from grader.course.ex13_budget_the_retries.budgets import Run
from grader.course.ex13_budget_the_retries.decisions import (
    as_the_budget_says,
    known_mistake,
    no_pause_after_the_last,
    none_ends_with_a_refusal,
    none_raises_when_refused,
    none_refused_its_first_try,
    none_waits,
)
from grader.course.ex13_budget_the_retries.pipelines import (
    BUDGET,
    DEFAULTS,
    FAST,
    PLENTY,
    REFUNDS,
    crowd,
    failing,
    mixed,
    pipeline,
    ups_and_downs,
)
from grader.course.ex13_budget_the_retries.settled import (
    no_item_ends_a_consumer,
    seen_by_lesson,
    stats_true,
)
from grader.course.mistakes.draws import JITTER_FIXED_SEED

EXERCISE = Exercise(
    title="Budget the retries",
    track="adapt",
    teaches="a retry budget",
    subgoals={
        "Refuse the retry": (
            "test_retries_while_the_budget_lasts",
            "test_stops_retrying_in_an_outage",
            "test_decides_when_a_try_has_failed",
        ),
        "Keep one budget": (
            "test_begins_each_run_anew",
            "test_counts_failures_and_successes",
            "test_shares_one_budget",
        ),
        "Settle every item": ("test_returns_true_stats", "test_settles_each_item_once"),
        "Keep the old rules": (
            "test_keeps_the_backpressure",
            "test_keeps_backoff_and_jitter",
            "test_lets_errors_surface",
        ),
    },
    learned=(
        "Retries amplify an outage: four attempts are four times the load. A budget that failures empty "
        "and successes fill lets single failures be retried, and stops when retrying cannot help."
    ),
    pause=pauses.window,
    in_production=(
        "Backoff spreads retries, it takes none away: with four attempts a service that is down meets "
        "four calls for each item, and with three such layers on top of each other 64. gRPC's clients "
        "throttle retries by the very rule of this exercise; botocore and Finagle ship a budget, too. "
        "What is refused is given up on fast: keep it, and send it again when the service is back."
    ),
    read_next=(
        (
            "gRPC's proposal A6: client retries, with their throttling",
            "https://github.com/grpc/proposal/blob/master/A6-client-retries.md",
        ),
        (
            "Timeouts, retries and backoff with jitter, in the Amazon Builders' Library",
            "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
        ),
        (
            "Addressing cascading failures, in Google's book on site reliability",
            "https://sre.google/sre-book/addressing-cascading-failures/",
        ),
    ),
)

BASICS = ("test_retries_while_the_budget_lasts",)
BUDGETED = (*BASICS, "test_stops_retrying_in_an_outage")
ANEW = (*BUDGETED, "test_begins_each_run_anew")
COUNTED = (*ANEW, "test_counts_failures_and_successes")


ENDS = ("deadlock", "livelock", "time_limit", "raised")


async def ran(learner: Subject, scenarios: Sequence[Pipeline], *, process: int = 0) -> list[Run]:
    """Run them; who waits for the budget, polls or refuses first tries is told so."""
    traces = await learner.run_all(scenarios, process=process, allow=ENDS)
    runs = [Run(*one) for one in traces]
    with seen_by_lesson(runs) as seen:
        for scenario, trace in seen:
            order.none_put_back(trace, scenario)
    none_waits(runs)
    for run in runs:
        failure = ends.unwelcome_end(run.trace, run.scenario, ("deadlock",))
        if failure is not None:
            none_raises_when_refused(run, failure)
            with seen_by_lesson([run]) as [(scenario, trace)]:
                raise marks.with_its_item(failure, trace, scenario).about(trace)
    no_item_ends_a_consumer(runs)
    none_ends_with_a_refusal(runs)
    none_refused_its_first_try(runs)
    return runs


async def budgeted(
    learner: Subject, draw: Draw, scenarios: Sequence[Pipeline], *, process: int = 0
) -> list[Run]:
    """Run them; each failed try was retried or not as the budget says, and each item was settled.

    process: one of a check's own, where what earlier runs have left behind must be known.
    """
    runs = await ran(learner, scenarios, process=process)
    await decided_rightly(learner, draw, runs, process=process)
    with seen_by_lesson(runs) as seen:
        endings.all_came_to_their_end(seen)
        for scenario, trace in seen:
            tries.settled_and_tried(trace, scenario)
    return runs


async def decided_rightly(learner: Subject, draw: Draw, runs: list[Run], *, process: int) -> None:
    """What the budget says was done in these runs; else further ones help to name the mistake."""
    wrong = any(run.wrong for run in runs)
    as_the_budget_says(runs + (await evidence(learner, draw, process) if wrong else []))


async def evidence(learner: Subject, draw: Draw, process: int) -> list[Run]:
    """Further runs for a rule that was broken: a mistake is named only if it explains them, too."""
    try:
        return await ran(learner, ups_and_downs(draw), process=process)
    except Failure:  # what was broken is told of the first runs
        return []


async def unlimited(learner: Subject, scenarios: Sequence[Pipeline]) -> list[Run]:
    """Run them, with a budget that refuses nothing: they go by the lesson's rules alone."""
    runs = await ran(learner, scenarios)
    known = known_mistake(runs, named=True)
    if known is not None:
        raise known
    endings.all_came_to_their_end([(run.scenario, run.trace) for run in runs])
    for run in runs:
        tries.settled_and_tried(run.trace, run.scenario)
        no_pause_after_the_last(run)
    return runs


@check(
    hints=(
        "With a budget to spare: is every item tried until it succeeds, or has failed four times?",
        "The budget may only refuse retries. While more than half of it is left, all is as before.",
        "Let the retry loop as it was, and ask the budget after each failed try.",
    )
)
async def test_retries_while_the_budget_lasts(learner: Subject, draw: Draw) -> None:
    """Tries each item as before while the budget lasts, and comes to an end."""
    odd: list[Item] = [0, "", "same", "same", "END", -1, (7, 8), [7, 8], *map(Odd, ODD)]
    more = [0, ALWAYS, 1, ALWAYS, 2]
    scenarios = [pipeline(draw, [draw.integer(0, 2) for _ in odd], odd)]
    scenarios += [pipeline(draw, more, attempts=n) for n in (1, draw.integer(5, 6))]
    mixtures: tuple[list[int], ...] = (
        [],
        [0] * draw.integer(8, 12),
        [ALWAYS] * 5,
        draw.shuffled([0, 0, 1, 2, 3, ALWAYS, ALWAYS, 0]),
    )
    scenarios += [pipeline(draw, fails) for fails in mixtures]
    await unlimited(learner, scenarios)


@check(
    points=3,
    needs=BASICS,
    hints=(
        "When nothing succeeds any more: how many calls does the service get for each item?",
        (
            "Failures take from a budget that all consumers share. While half of it or less is left, "
            "an item that fails is given up on at once."
        ),
        (
            "After a failed try: `left = max(0, left - 1)`, then `if attempt == attempts or left <= "
            "budget / 2:` give up. After a success: `left = min(budget, left + refund)`."
        ),
    ),
)
async def test_stops_retrying_in_an_outage(learner: Subject, draw: Draw) -> None:
    """When all calls fail, the retries end as soon as half of the budget is gone."""
    scenarios = [
        pipeline(draw, fails, budget=float(budget), refund=draw.one_of(REFUNDS), attempts=attempts)
        for budget, attempts, fails in (
            (draw.integer(12, 16), 4, [ALWAYS] * 12),
            (draw.integer(7, 9), 4, [0, 0, 1, 0, *[ALWAYS] * 9, *[0] * 9, 1, 0, 0]),
            (draw.integer(5, 6), 8, [0, *[ALWAYS] * 9, 0, 0]),
        )
    ]
    await budgeted(learner, draw, scenarios, process=3)


@check(
    needs=BUDGETED,
    hints=(
        "What is left in the budget when run_pipeline is called a second time, or twice at once?",
        "Each call begins with a full budget of its own.",
        "Make it inside of run_pipeline: not at the top of the module, and not as a default argument.",
    ),
)
async def test_begins_each_run_anew(learner: Subject, draw: Draw) -> None:
    """Each run has a budget of its own: the next one, and one at the same time."""
    options: dict[str, Any] = {**BUDGET, "refund": 0.125}
    outage, calm = [ALWAYS] * 9, [0, 1, 0, 2, 1, 0]
    scenarios = [pipeline(draw, fails, **options) for fails in (outage, calm, outage, calm)]
    both = [
        replace(pipeline(draw, [*first, *second], **options), beside=len(second))
        for first, second in ((outage, [*[0] * 4, 1, 0, 1]), (calm, outage))
    ]
    for together in both:
        scenarios += [together, scenarios[1]]
    runs = await ran(learner, scenarios, process=7)
    await decided_rightly(learner, draw, runs, process=7)
    with seen_by_lesson([run for run in runs if not run.scenario.beside]) as seen:
        endings.all_came_to_their_end(seen)
    counts.result_true(await learner.run_all([pipeline(draw, counts.IN_PAIRS)]))
    two = replace(pipeline(draw, [0, 1, ALWAYS, 0, 2, 0, ALWAYS]), beside=3)
    twice.keep_apart(await learner.run(two, allow=("deadlock", "raised")), two)


@check(
    pictured=True,
    points=2,
    needs=ANEW,
    hints=(
        "Write down what is left in the budget after each try of a short run, and compare.",
        (
            "Each failed try takes 1, down to 0; each success gives refund back, up to budget; first, "
            "later and last tries alike."
        ),
        "A failure: `left = max(0.0, left - 1)`; a success: `left = min(budget, left + refund)`.",
    ),
)
async def test_counts_failures_and_successes(learner: Subject, draw: Draw) -> None:
    """Each failed try takes 1 away, each success gives refund back, between 0 and budget."""
    scenarios = ups_and_downs(draw)
    default = pipeline(draw, [0, 1, *[ALWAYS] * 8, *[0] * 9, 1], **BUDGET)
    scenarios.append(replace(default, unsaid=frozenset(BUDGET)))
    # The one that a timeline shows: retries, an outage without any, and retries again.
    fails = [0, 1, 0, *[ALWAYS] * 5, *[0] * 8, 1, 1, 0]
    scenarios.append(pipeline(draw, fails, budget=6.0, refund=1.0))
    await budgeted(learner, draw, scenarios, process=4)


@check(
    points=2,
    needs=ANEW,
    hints=(
        "At exactly which moment do you look at the budget, and what if just half of it is left?",
        (
            "A failed try is counted first; then more than half has to be left. It is decided there, "
            "once, before the pause, and each failed try anew."
        ),
        "In the except clause: count; `if left <= budget / 2:` give up and `break`; only then sleep.",
    ),
)
async def test_decides_when_a_try_has_failed(learner: Subject, draw: Draw) -> None:
    """Decides when the try has failed and was counted; exactly half of the budget is not enough."""
    alone: dict[str, Any] = {"consumers": 1, "attempts": 6}
    scenarios = [
        pipeline(draw, fails, **alone, budget=budget, refund=0.5)
        for budget, fails in (
            (float(2 * draw.integer(2, 4)), [ALWAYS, 0, ALWAYS]),  # down to exactly half
            (6.0, [1, ALWAYS, 0, ALWAYS]),  # a fraction above half of an even one
            (float(2 * draw.integer(2, 4) + 1), [1, ALWAYS, 0, ALWAYS, 0]),  # to half of an odd one
            (draw.integer(2, 4) + 0.5, [ALWAYS, ALWAYS, 0]),
            (1.0, [1, 0, 1]),  # half is gone with the first failure
            (2.0, [1, 0, 0, 1]),
        )
    ]
    # While one item waits for its retry, the others use the budget up, or fill it.
    slow: dict[str, Any] = {
        "consumers": 3,
        "delay": draw.seconds(0.8, 0.9),
        "backoff": 1.0,
        "jitter": 0,
    }
    emptied = pipeline(draw, [2, *[ALWAYS] * 8, 0, 0], **slow, budget=6.0, refund=0.125)
    filled = pipeline(draw, [*[ALWAYS] * 5, *[0] * 45, 1, 0, 0], **slow, budget=4.0, refund=0.5)
    runs = await budgeted(learner, draw, [*scenarios, emptied, filled], process=5)
    with seen_by_lesson(runs) as seen:
        for _scenario, trace in seen:
            endings.returned_promptly(trace)


@check(
    points=2,
    needs=COUNTED,
    hints=(
        "Who knows what is left: one item, one consumer, or all of them?",
        "One budget for the run, whatever the numbers of consumers, items and attempts.",
        "Make one object for it in run_pipeline, and hand the same to every consumer.",
    ),
)
async def test_shares_one_budget(learner: Subject, draw: Draw) -> None:
    """All consumers share one budget, however many they are, and however large it is."""
    many = MOST_CONSUMERS
    scenarios = [
        pipeline(
            draw,
            draw.shuffled([*[0] * 30, *[1] * 25, *[ALWAYS] * 25]),
            consumers=consumers,
            maxsize=draw.integer(1, 9),
            budget=float(budget),
            refund=draw.one_of(REFUNDS),
        )
        for consumers, budget in ((2, 9), (draw.integer(5, 9), 16), (many, 36), (many, 3))
    ]
    # All of them fail at the same moment.
    herd = pipeline(draw, [ALWAYS] * 80, consumers=many, budget=100.0, refund=0.5)
    same = tuple(replace(job, seconds=0.07) for job in herd.jobs)
    await budgeted(learner, draw, [*scenarios, replace(herd, jobs=same)], process=6)
    stubborn = pipeline(
        draw,
        [ALWAYS, 0, 1, ALWAYS],
        attempts=MOST_ATTEMPTS,
        backoff=1.0,
        budget=float(draw.integer(690, 890)),
        refund=0.5,
    )
    fails = [ALWAYS if place % 3 == 0 else 0 for place in range(draw.integer(380, 400))]
    long = pipeline(draw, fails, consumers=9, budget=draw.integer(140, 150) + 0.5, refund=0.25)
    await budgeted(learner, draw, [stubborn, long], process=6)


@check(
    needs=ANEW,
    hints=(
        "Do the numbers add up when the budget refuses a retry?",
        "consumed + failed is the number of items, and retried counts the retries that were made.",
        'Where the budget refuses, `stats["failed"] += 1`; `stats["retried"] += 1` where you pause.',
    ),
)
async def test_returns_true_stats(learner: Subject, draw: Draw) -> None:
    """Returns the stats, and they are true, also for items that were refused a retry."""
    mixtures = [0, 1, ALWAYS], draw.shuffled([0, 0, 1, 2, 3, ALWAYS, ALWAYS]), [0, 0]
    runs = await unlimited(learner, [pipeline(draw, fails) for fails in mixtures])
    counts.result_true([(run.scenario, run.trace) for run in runs])
    outage = pipeline(draw, [0, 1, *[ALWAYS] * 9, 0], budget=8.0, refund=0.25)
    none = pipeline(draw, [0, 1, ALWAYS, 0, 1], budget=1.0, refund=0.25)
    for run in await budgeted(learner, draw, [outage, none, mixed(draw)]):
        stats_true(run)


@check(
    points=2,
    needs=ANEW,
    hints=(
        "When does run_pipeline return if the budget refuses the last item its retry?",
        "join() is the wait: task_done() once for each item, refused ones too, and then nothing more.",
        "One q.task_done() behind the retry loop; `await q.join()`, bare; then cancel the consumers.",
    ),
)
async def test_settles_each_item_once(learner: Subject, draw: Draw) -> None:
    """Marks each item as done once, returns as soon as all are settled, and leaves no task."""
    low: dict[str, Any] = {"budget": 5.0, "refund": 0.25}
    ended = [
        pipeline(draw, [*[ALWAYS] * 6, 0, ALWAYS], delay=4.0, **low),  # the last item is refused
        pipeline(draw, [0, 2, ALWAYS, 0, 1, ALWAYS], consumers=5, **low),
        pipeline(draw, [0, 1], consumers=1, maxsize=1, **low),
        pipeline(draw, [ALWAYS, 0, 1], delay=4.0),
        pipeline(draw, [], **low),
    ]
    ended.append(
        Pipeline(tuple(Job(item, 40.0, ALWAYS) for item in draw.items(5)), ended[0].options)
    )
    ended.append(Pipeline(tuple(Job(item, 0.0, 1) for item in draw.items(9)), ended[1].options))
    first, *most, last = pipeline(draw, [0, 0, 0, 1, 0], consumers=1, maxsize=1).jobs
    hours = replace(first, seconds=draw.hours()), replace(last, seconds=draw.hours(), fails=ALWAYS)
    slow = DEFAULTS | {"consumers": 1, "maxsize": 1, "budget": 2.0, "refund": 0.25}
    for some in (ended, [Pipeline((hours[0], *most, hours[1]), slow)]):
        with seen_by_lesson(await budgeted(learner, draw, some)) as seen:
            for scenario, trace in seen:
                if trace.gets:
                    marks.items_done_once(trace, scenario)
                endings.returned_promptly(trace)
                endings.waits_for_real(trace)


@check(
    needs=ANEW,
    hints=(
        "How many items wait at once, and who works, while the budget refuses one after the other?",
        "The queue keeps its bound, and a consumer that gives up takes the next item at once.",
        "asyncio.Queue(maxsize), `await q.put(item)`, and no wait but the pauses before retries.",
    ),
)
async def test_keeps_the_backpressure(learner: Subject, draw: Draw) -> None:
    """Keeps the queue bounded and full, and all consumers busy, in an outage, too."""
    large, many = MOST_WAITING, MOST_CONSUMERS
    low: dict[str, Any] = {"budget": 6.0, "refund": 0.25}
    scenarios = [
        pipeline(draw, [0, 1] * 6, maxsize=1, consumers=draw.integer(2, 4)),
        pipeline(draw, [0, *[ALWAYS] * 12, 0, 0], maxsize=2, consumers=draw.integer(5, 6), **low),
        pipeline(draw, [1] * 5 + [0] * 25 + [ALWAYS] * 20, maxsize=7, consumers=many, **low),
        pipeline(draw, [0] * (large + 9), maxsize=large, consumers=5, **low),
    ]
    by_default = pipeline(draw, [0, 1, *[ALWAYS] * 8, 0, 1], **low)
    scenarios.append(replace(by_default, unsaid=frozenset({"consumers", "maxsize"})))
    runs = await budgeted(learner, draw, scenarios)
    with seen_by_lesson(runs) as seen:
        bound.bound_holds(seen)
        bound.queue_is_used(seen)
        for _scenario, trace in seen:
            bound.keeps_awake_by_waiting(trace)
        crew.crews_are_busy(seen)
        for scenario, trace in seen:
            crew.keeps_its_item(trace, scenario)


@check(
    needs=ANEW,
    hints=(
        "Compare each wait with d = delay * backoff ** (k - 1), and with d * (1 + jitter).",
        "A retry that the budget allows is made after the pause of the lesson, drawn afresh each time.",
        "d = delay * backoff ** (attempt - 1); await asyncio.sleep(d + random.uniform(0, d * jitter)).",
    ),
)
async def test_keeps_backoff_and_jitter(learner: Subject, draw: Draw) -> None:
    """Still waits d + u before each retry, with u drawn afresh, by the settings handed in."""
    settings: tuple[dict[str, Any], ...] = (
        {"attempts": 8, "delay": draw.seconds(0.1, 0.2), "backoff": 3.0, "jitter": 0},
        {"attempts": 4, "delay": draw.seconds(0.2, 0.4), "backoff": 1.5, "jitter": 1.0},
    )
    fails = [ALWAYS, 1, 0, ALWAYS, ALWAYS, 2]
    scenarios = [pipeline(draw, fails, **options) for options in settings]
    scenarios.append(replace(pipeline(draw, [ALWAYS] * 10), unsaid=frozenset({"attempts", *FAST})))
    shorter = settings[-1] | {"delay": draw.seconds(0.2, 0.6), "backoff": 0.5}
    scenarios.append(pipeline(draw, [ALWAYS] * 3, **shorter))
    scenarios.append(pipeline(draw, fails * 2, **settings[0], budget=14.0, refund=0.5))
    scenarios.append(mixed(draw, **settings[1]))
    *runs, less, low, lower = await learner.run_all(scenarios, allow=("deadlock",))
    pauses.settings_arrive(runs)
    for _scenario, trace in (*runs, less, low, lower):
        pauses.loop_never_blocked(trace)
    pauses.pauses_hold([*runs, low, lower], jitter=None)
    for scenario, trace in runs:
        tries.settled_and_tried(trace, scenario)
    jitter.default_in_force(said=runs[1], unsaid=runs[-1])
    pauses.pauses_hold([less], jitter=None)
    delay = draw.grows_to_hours(25.0)  # the last wait takes nearly three hours
    hours = pipeline(draw, [0, ALWAYS], attempts=4, delay=delay, backoff=5.0, jitter=0)
    pauses.pauses_hold(await learner.run_all([hours], allow=("deadlock", "time_limit")))
    await _jitter_is_random(learner, draw)


async def _jitter_is_random(learner: Subject, draw: Draw) -> None:
    """The lesson's questions about chance, asked of pipelines."""
    seconds = draw.seconds(0.05, 0.12)
    many, few = (crowd(clients, seconds) for clients in (80, 24))
    few = replace(few, options={**few.options, **FAST}, unsaid=frozenset(FAST))
    lone = jitter.one_by_one(draw)
    alone = Pipeline(lone.jobs, DEFAULTS | {**lone.options} | {"consumers": 1, "budget": 5000.0})
    trace, elsewhere = await learner.run_apart((many, 1), (few, 2))

    def holds(told: Any, scenario: Pipeline) -> None:
        tries.settled_and_tried(told, scenario)
        pauses.pauses_are(told, scenario, jitter=scenario.options["jitter"])

    one_by_one = await learner.run_briefly(alone, holds, process=1)
    holds(trace, many)
    holds(elsewhere, few)
    rows, by_item = jitter.parts(trace, many), jitter.parts(one_by_one, alone)
    independence.independent(rows, trace.seeds)
    independence.not_of_the_item(by_item[1:], one_by_one.seeds)
    independence.afresh(by_item)
    jitter.fine_enough(jitter.flat(by_item), "The random part")
    jitter.no_lump(jitter.flat(by_item))
    jitter.grows_with_the_wait(rows, 3.0)
    others = jitter.flat(jitter.parts(elsewhere, few))
    values = [*jitter.flat(rows), *others, *jitter.flat(by_item)]

    async def again() -> list[float]:
        once_more = await learner.run_briefly(alone, holds, process=1)
        return jitter.flat(jitter.parts(once_more, alone))

    await jitter.uniform_in_two_rounds(values, again, "The random part")
    jitter.default_in_force((many, trace), (few, elsewhere))
    independence.not_repeated(
        jitter.flat(rows),
        others,
        JITTER_FIXED_SEED,
        "Two runs of the program drew the same numbers.",
    )


@check(
    points=2,
    needs=BASICS,
    hints=(
        "What becomes of a ValueError that a consumer meets, when the budget is low or full?",
        "The budget decides about TransientErrors alone. Any other error surfaces from run_pipeline.",
        "`except TransientError:` and nothing broader; start the consumers in an asyncio.TaskGroup.",
    ),
)
async def test_lets_errors_surface(learner: Subject, draw: Draw) -> None:
    """An error that is not transient surfaces from run_pipeline, whatever is left in the budget."""
    kinds = [*interruption.NOT_TRANSIENT, "PaymentRefused", HARD_STOP]
    cases = [
        (kind, errors, count, PLENTY)
        for kind in ("ValueError", "RuntimeError", "PaymentRefused", "TimeoutError")
        for errors, count in (({0, 1, 2}, 9), ({1}, 6), ({4}, 5))
    ]
    cases += [(kind, {1}, 6, PLENTY) for kind in kinds]
    cases += [(kind, {8}, 11, {"budget": 5.0, "refund": 0.25}) for kind in kinds[:4]]
    scenarios = [failing(draw, *case) for case in cases]
    runs = await learner.run_all(scenarios, allow=("deadlock", "raised"))
    for (kind, errors, *_), (_scenario, trace) in zip(cases, runs, strict=True):
        interruption.error_surfaced(trace, kind, all_die=len(errors) > 1)
