"""Checks of ex12: a refusal says when to come back, and all consumers together keep to a rate."""

from collections.abc import Sequence
from dataclasses import replace

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
    Odd,
    Subject,
    check,
    interruption,
    tries,
    twice,
)
from grader.course.ex12_listen_to_the_service import keeping
from grader.course.ex12_listen_to_the_service.idle import never_idle, never_polls
from grader.course.ex12_listen_to_the_service.listening import never_too_early
from grader.course.ex12_listen_to_the_service.quotas import (
    EXACT,
    LESSON,
    after_a_rest,
    beside_a_busy_one,
    exact,
    failing,
    given_up_early,
    one_after_the_other,
    paced,
    plain,
    quota,
    refused,
    storm,
    with_idle_consumers,
)
from grader.course.ex12_listen_to_the_service.rate import rate_holds, refusals_count_too
from grader.course.ex12_listen_to_the_service.service import Asked, Quota, Run, by_the_lesson

EXERCISE = Exercise(
    title="Listen to the service",
    track="adapt",
    teaches="Retry-After, and one rate for all",
    subgoals={
        "Settle every item": (
            "test_works_as_before",
            "test_returns_promptly",
            "test_returns_true_stats",
            "test_marks_each_item_once",
        ),
        "Keep to the rate": (
            "test_waits_by_awaiting",
            "test_keeps_to_the_rate",
            "test_is_not_slowed",
        ),
        "Listen to the service": ("test_waits_as_long_as_told", "test_others_go_on"),
        "Keep the old rules": ("test_takes_no_more_than_it_can_hold", "test_lets_errors_surface"),
    },
    learned=(
        "A 429 is an instruction, not a failure: it says when to come back. A quota is kept by one pace "
        "for all consumers, retries included, in any second and not only on average."
    ),
    in_production=(
        "GitHub, Stripe and most clouds answer 429 or 503 with Retry-After, and the SDKs of AWS and "
        "Google Cloud keep to it; a client that does not is throttled harder, or locked out. A token "
        "bucket is the usual limiter, and right where bursts are allowed: read which kind of quota it "
        "is. With several processes the pace has to be shared by all, or each gets its part of it."
    ),
    read_next=(
        (
            "Retry-After, in MDN's reference",
            "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Retry-After",
        ),
        (
            "Scaling your API with rate limiters, by Paul Tarjan of Stripe",
            "https://stripe.com/blog/rate-limiters",
        ),
        (
            "Locks and semaphores, in the asyncio documentation",
            "https://docs.python.org/3/library/asyncio-sync.html",
        ),
    ),
)

BASICS = ("test_works_as_before",)
WAITS = (*BASICS, "test_is_not_slowed", "test_waits_by_awaiting")
LISTENS = (*WAITS, "test_waits_as_long_as_told")


async def ran(learner: Subject, scenarios: Sequence[Quota]) -> list[Run]:
    """The runs of scenarios, whatever came of them."""
    traces = await learner.run_all(scenarios, allow=keeping.ENDS)
    every = (Run(scenario, trace) for scenario, trace in traces)
    return [run for run in every if not keeping.is_stuck_on_rounding(run)]


async def played(learner: Subject, scenarios: Sequence[Quota]) -> list[Run]:
    """The runs of scenarios that came to their end, with every item settled."""
    runs = await ran(learner, scenarios)
    keeping.all_settled(runs)
    return runs


async def used_in_full(learner: Subject, scenarios: Sequence[Quota]) -> None:
    """The rate is used in full; where it is so for the first run of a program alone, that is said."""
    runs = await played(learner, scenarios)
    try:
        never_idle(runs)
    except Failure as failure:
        run = next(run for run in runs if run.trace is failure.trace)
        if not run.heard.retries:  # their pauses are random: it might be right by luck
            first = await learner.run(run.scenario, process=9, allow=keeping.ENDS)
            keeping.wrong_as_the_first_too(failure, Run(run.scenario, first))
        raise


@check(
    hints=(
        "With a service that refuses nothing: is every item tried until it succeeds or is given up on?",
        "The loop of the lesson stays as it is; what is new comes right before each try and after it.",
        "for attempt in range(1, attempts + 1): wait for the turn, try, and pause where it failed.",
    )
)
async def test_works_as_before(learner: Subject, draw: Draw) -> None:
    """Settles every item, and comes to an end, when nothing is refused."""
    odd: list[Item] = [*draw.shuffled(list[Item]([0, "", "STOP"])), "same", "same", [7, 8], (7, 8)]
    odd += map(Odd, ODD)
    unusual = [Asked(item, draw.seconds(0.05, 0.12), draw.integer(0, 2)) for item in odd]
    by_attempts = [
        quota(draw, plain(draw, [ALWAYS, *draw.shuffled([0, 0, 1, 2, ALWAYS])]), attempts=attempts)
        for attempts in (draw.integer(5, 7), 3, 1)
    ]
    runs = await played(learner, [*by_attempts, quota(draw, unusual), quota(draw, [])])
    with by_the_lesson():
        tries.attempts_respected(
            [(run.alone, run.heard) for run in runs if run.scenario in by_attempts]
        )


@check(
    needs=BASICS,
    hints=(
        "How often does your code wake up while it waits, and how often does it have to?",
        "When the next try may begin is known: sleep until then, once, or be woken by somebody.",
        "`await asyncio.sleep(next - now)` in place of a loop with a short sleep, or with sleep(0).",
    ),
)
async def test_waits_by_awaiting(learner: Subject, draw: Draw) -> None:
    """Waits by awaiting: nothing asks again and again whether it may go on."""
    slow, said = paced(draw, 1, 5, consumers=3), draw.seconds(6.0, 8.0)
    alone = quota(draw, refused(draw, (said,), ()), rate=2)
    last = replace(plain(draw, [0])[0], seconds=draw.seconds(6.0, 8.0))
    ending = quota(draw, [*plain(draw, [0, 1]), last], rate=2)
    runs = await ran(learner, [slow, alone, ending, paced(draw, 6, 30, consumers=9)])
    keeping.never_spins(runs)
    never_polls(runs)


@check(
    pictured=True,
    points=3,
    needs=BASICS,
    hints=(
        "How many tries do all your consumers together begin in the first second, and in any other?",
        (
            "They share something that says when the next try may begin: each waits for it right before "
            "each try, a retry too. Time that was not used is not made up for."
        ),
        (
            "One object for all, made in run_pipeline: under an `asyncio.Lock`, sleep until 1 / rate "
            "seconds after the last try, and note the time. Or a deque of the last `rate` times."
        ),
    ),
)
async def test_keeps_to_the_rate(learner: Subject, draw: Draw) -> None:
    """In any second at most `rate` tries begin, of all consumers together, retries included."""
    small, large = draw.one_of((2, 4)), draw.one_of((8, 16))
    fast = [
        paced(draw, small, 4 * small + 9, consumers=small + draw.integer(5, 7)),
        paced(draw, large, 4 * large, consumers=large // 2 + 2),
        after_a_rest(draw, draw.one_of((16, 32))),
        paced(draw, 256, 340, consumers=40, maxsize=MOST_WAITING),
        paced(draw, 1, 5, consumers=4),
        paced(draw, draw.integer(5, 7), 24, consumers=1, low=0.0, high=0.0),
        paced(draw, draw.integer(9, 15), 50, consumers=draw.integer(8, 10)),
    ]
    again = paced(draw, 4, 26, consumers=9, **EXACT)
    fails = [2, *[0, 1, 3] * 9]
    jobs = [replace(job, fails=n) for job, n in zip(again.jobs, fails, strict=False)]
    told = [replace(job, says=(0.875,) if n % 3 else ()) for n, job in enumerate(jobs)]
    failing = [replace(again, jobs=tuple(jobs)), quota(draw, jobs, rate=8, consumers=9, delay=0.4)]
    default = replace(paced(draw, 10, 35, consumers=5), unsaid=frozenset({"rate", "consumers"}))
    runs = await played(learner, [*fast, *failing, default])
    rate_holds([*runs, *await ran(learner, [replace(again, jobs=tuple(told))])])
    lone, twin = one_after_the_other(draw)
    refusals_count_too(await ran(learner, [lone]), await ran(learner, [twin]))
    learner.show(runs[0].trace)


@check(
    points=2,
    needs=BASICS,
    hints=(
        "At which moments do fewer tries begin than the rate allows, and what is waited for then?",
        (
            "The rate bounds how often tries begin: not how long they take, nor how many run at once. "
            "Any consumer that is free may make the next one."
        ),
        (
            "Hold the lock for the wait alone, not during the try: `async with lock: await "
            "asyncio.sleep(max(0, next - now)); next = now + 1 / rate`."
        ),
    ),
)
async def test_is_not_slowed(learner: Subject, draw: Draw) -> None:
    """When the rate allows a try, one begins after at most 1 / rate seconds."""
    slow, quick = draw.one_of((2, 4)), draw.one_of((32, 64))
    scenarios = [
        paced(draw, slow, 4 * slow + 5, consumers=slow + 3, low=1.5, high=2.5),
        paced(draw, quick, 3 * quick, consumers=draw.integer(15, 20), high=9.0),
        after_a_rest(draw, draw.one_of((16, 32))),
        paced(draw, 8, 30, consumers=2, low=1.1, high=2.9),
        paced(draw, 1, 4, consumers=2),
        paced(draw, 256, 340, consumers=40, maxsize=MOST_WAITING),
        quota(draw, plain(draw, [0, 1, 0, 2, 1] * 6), rate=draw.integer(14, 20), delay=1.5),
    ]
    default = replace(
        paced(draw, 10, 30, consumers=5, high=4.0),
        unsaid=frozenset({"rate", "consumers", "maxsize"}),
    )
    await used_in_full(learner, [*scenarios, default])
    alone = paced(draw, slow, 8 * slow, consumers=4)
    busy = beside_a_busy_one(draw, slow)
    for one, beside in ((alone, 4 * slow), (busy, 1)):
        both = await played(learner, [one, replace(one, beside=beside)])
        keeping.not_slowed_by_another(both)
    await used_in_full(learner, [with_idle_consumers(draw)])


@check(
    points=3,
    needs=WAITS,
    hints=(
        "What does the exception that you catch after a 429 have to say, and who reads it?",
        (
            "A TooManyRequests says how long the item has to wait at least. d counts as well: the longer "
            "of the two is the pause, and the random part comes on top."
        ),
        (
            "`except TransientError as error:`, and if it is a TooManyRequests, "
            "`clean = max(clean, error.retry_after)` before the random part is drawn."
        ),
    ),
)
async def test_waits_as_long_as_told(learner: Subject, draw: Draw) -> None:
    """After a refusal waits max(retry_after, d), and at most `jitter` of it more."""
    longer, again = draw.seconds(0.5, 0.9), draw.seconds(1.2, 1.9)
    no_jitter, patient = {"jitter": 0}, {"delay": draw.seconds(0.5, 0.7), "jitter": 0.1}
    mixed = draw.shuffled([(longer, None, again), (None, again), (again, longer, 0), (0.0,), ()])
    scenarios = [
        quota(draw, refused(draw, (longer,), (), (again,)), **no_jitter),
        quota(draw, refused(draw, *mixed)),
        quota(draw, refused(draw, (longer,), (0, None), (again,), given_up=True), attempts=6),
        quota(draw, refused(draw, (0.1, 0.1, 3), (0.6, 0.0, None), (0.4,)), **patient),
        quota(draw, refused(draw, (longer, again), (1,)), jitter=1.0, backoff=1.0),
        quota(draw, plain(draw, [3, ALWAYS, 1, 2]), delay=draw.seconds(0.1, 0.2), backoff=3.0),
    ]
    late = refused(draw, (draw.seconds(70.0, 90.0), None, None), (draw.hours(),), (150,))
    # So many a second that the rate makes no pause longer.
    default = quota(draw, plain(draw, [ALWAYS] * 10), rate=draw.integer(3_000, 4_000))
    by_default = [default, replace(default, unsaid=frozenset(LESSON))]

    async def pauses_hold(some: Sequence[Quota]) -> list[Run]:
        runs = await played(learner, some)
        never_too_early(runs)
        never_idle(runs)
        return runs

    await pauses_hold(scenarios)
    await pauses_hold([quota(draw, late, rate=1, **no_jitter)])
    keeping.as_in_the_lesson(*await pauses_hold(by_default))
    first_refused = [*refused(draw, *[(0.1,)] * 3), *plain(draw, [3] * 6)]
    for run in await pauses_hold([quota(draw, first_refused, rate=default.rate)]):
        keeping.still_drawn(run)


@check(
    points=2,
    needs=LISTENS,
    hints=(
        "What do the other consumers do while one of them waits for its retry_after?",
        (
            "retry_after binds the item that was refused: its consumer waits by itself, holds nothing "
            "that others need, and asks for its turn when the pause is over."
        ),
        "await asyncio.sleep(pause) first, and only then wait for the turn, right before the try.",
    ),
)
async def test_others_go_on(learner: Subject, draw: Draw) -> None:
    """While one item waits for its retry_after, the free consumers go on with others."""
    scenarios = []
    for rate, said in (
        (None, exact(draw, 4.0, 6.0)),
        (draw.integer(5, 9), exact(draw, 3.0, 4.0)),
    ):
        options = EXACT if rate is None else EXACT | {"rate": rate}
        first, *others = refused(draw, (said,), *[()] * 30)
        scenarios.append(quota(draw, [first, *others], **options))
        scenarios.append(quota(draw, [*others, first, *others[:9]], consumers=2, **options))
    hours = refused(draw, (), (draw.hours(),), *[(), (0.4,), (None,)] * 9)
    some = refused(draw, *[(draw.seconds(0.3, 0.9),) if n % 3 else () for n in range(24)])
    runs = await played(learner, [*scenarios, quota(draw, some, consumers=5), quota(draw, hours)])
    never_idle(runs)
    never_too_early(runs)
    never_idle(await played(learner, [storm(draw), given_up_early(draw)]))


@check(
    needs=BASICS,
    hints=(
        "When exactly does run_pipeline return, after the last item is settled?",
        "It waits for the work itself: no timeout, no sleep, no asking again and again.",
        "await q.join(), bare; then cancel the consumers, and whatever else still runs.",
    ),
)
async def test_returns_promptly(learner: Subject, draw: Draw) -> None:
    """Returns as soon as every item is settled, however long that takes."""
    soon = [
        quota(draw, plain(draw, [ALWAYS, 0, 1]), delay=4.0),
        quota(draw, plain(draw, [0, 1]), consumers=1, maxsize=1),
        quota(draw, plain(draw, [0, 2, 0, ALWAYS, 0, 0, 1]), consumers=5),
        paced(draw, 3, 9, consumers=2),
        quota(draw, refused(draw, (2.0,), (None, 3.0), given_up=True), attempts=2),
        quota(draw, []),
    ]
    first, *most, last = plain(draw, [0, 0, 1, 0])
    hours = [replace(job, seconds=exact(draw, *NEARLY_LONGEST)) for job in (first, last)]
    long = quota(draw, [hours[0], *most, hours[1]], rate=draw.integer(1, 3), consumers=1, maxsize=1)
    for some in (soon, [long]):  # a task that polls is found before hours of it are played
        runs = await played(learner, some)
        keeping.returned_promptly(runs)


@check(
    needs=LISTENS,
    hints=(
        "What does run_pipeline give back, and do the numbers add up to the number of items?",
        "consumed + failed is the number of items; retried counts all retries, also after a refusal.",
        "One place for each count, in one branch for all transient errors; return the dict.",
    ),
)
async def test_returns_true_stats(learner: Subject, draw: Draw) -> None:
    """Returns the stats, and they are true, also for two runs at the same time."""
    says = draw.shuffled([(), (0.3,), (None,), (0.2, None), (None, 0.4, 0.1), ()])
    never = refused(draw, (0.2,), (None, 0.3), given_up=True)
    mixtures = (
        quota(draw, [*refused(draw, *says), *never]),
        quota(draw, [*refused(draw, *says[:3]), *never], attempts=2),
        quota(draw, refused(draw, *says[3:])),
        quota(draw, refused(draw, (), ())),
    )
    keeping.counts_are_true(await played(learner, mixtures))
    beside = replace(quota(draw, plain(draw, [0, 1, ALWAYS, 0, 2, 0, ALWAYS])), beside=3)
    twice.keep_apart(await learner.run(beside, allow=("deadlock", "raised")), beside)


@check(
    needs=LISTENS,
    hints=(
        "Count the calls of task_done() on each path through the consumer.",
        "Exactly once for each item, after it is settled: a refusal settles nothing.",
        "One q.task_done() behind the retry loop, where all its ways meet.",
    ),
)
async def test_marks_each_item_once(learner: Subject, draw: Draw) -> None:
    """Calls task_done() exactly once for each item, after it is settled."""
    says = draw.shuffled([(), (0.3,), (None,), (0.2, None), (None, 0.4)])
    never = refused(draw, (0.2,), (None, 0.3), given_up=True)
    some = quota(draw, [*refused(draw, *says), *never])
    alone = quota(draw, [*never, *refused(draw, (0.1,), ())], consumers=1, maxsize=1)
    for run in await played(learner, [some, alone, paced(draw, 5, 12)]):
        keeping.marked_once(run)


@check(
    needs=LISTENS,
    hints=(
        "How many items have been taken from the source and are not settled, at the worst moment?",
        "A consumer that waits for its turn, or for a retry_after, holds its item: the producer waits.",
        "asyncio.Queue(maxsize=maxsize), and `await q.put(item)` for one item after the other.",
    ),
)
async def test_takes_no_more_than_it_can_hold(learner: Subject, draw: Draw) -> None:
    """At most maxsize + consumers + 1 items are taken from `items` and not settled."""
    large, crew = MOST_WAITING, MOST_CONSUMERS
    slow = refused(draw, *[(draw.seconds(2.0, 3.0),) if n % 2 else () for n in range(24)])
    scenarios = [
        quota(draw, slow, consumers=draw.integer(2, 4), maxsize=1),
        paced(draw, 4, 16, consumers=1, maxsize=draw.integer(4, 6)),
        quota(draw, plain(draw, [1] * 70), consumers=crew, maxsize=draw.integer(4, 9)),
        paced(draw, 50, large + 40, consumers=5, maxsize=large),
    ]
    default = replace(quota(draw, slow, consumers=5, maxsize=5), unsaid=frozenset({"maxsize"}))
    keeping.few_are_taken(await played(learner, [*scenarios, default]))


@check(
    points=2,
    needs=BASICS,
    hints=(
        "What becomes of a ValueError that a consumer meets? Who sees it?",
        (
            "An error in a task is seen only by whoever awaits the task. Who waits for a turn, or in "
            "put() or join(), has to be woken by it, too."
        ),
        "async with asyncio.TaskGroup(): start everything in it, and put and join inside it.",
    ),
)
async def test_lets_errors_surface(learner: Subject, draw: Draw) -> None:
    """An error that is not transient surfaces from run_pipeline, and never hangs it."""
    cases = [
        (kind, errors, count)
        for kind in ("ValueError", "PaymentRefused", "TimeoutError", "ConnectionError")
        for errors, count in (({0, 1, 2}, 9), ({1}, 6), ({4}, 5))
    ]
    kinds = "RuntimeError", "ExceptionGroup", "QueueEmpty", "QueueFull", "InvalidStateError"
    cases += [
        (kind, {1}, 6) for kind in (*kinds, "TransientError", "StopAsyncIteration", HARD_STOP)
    ]
    scenarios = [failing(draw, *case) for case in cases]
    traces = await learner.run_all(scenarios, allow=("deadlock", "raised"))
    for (kind, errors, _count), (scenario, trace) in zip(cases, traces, strict=True):
        with by_the_lesson():
            run = Run(scenario, trace)
            interruption.error_surfaced(run.heard, kind, all_die=len(errors) > 1)
