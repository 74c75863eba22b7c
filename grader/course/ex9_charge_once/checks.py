"""Checks of ex9: all tries of an item carry one key, and every other item another."""

from collections.abc import Sequence
from dataclasses import replace

from grader.course.api import (
    ALWAYS,
    MOST_ATTEMPTS,
    MOST_ITEMS,
    ODD,
    Consume,
    Draw,
    Exercise,
    Failure,
    Item,
    Job,
    Odd,
    Subject,
    Trace,
    check,
    counts,
    crew,
    independence,
    interruption,
    jitter,
    letting_out,
    marks,
    pauses,
    tries,
)
from grader.course.ex9_charge_once import apart, keys
from grader.course.ex9_charge_once.looks import numbers_of_processes
from grader.course.ex9_charge_once.mistakes import KEY_NOT_SENT
from grader.course.ex9_charge_once.orders import Order, orders
from grader.course.ex9_charge_once.scenario import Charges, charging
from grader.course.mistakes.draws import JITTER_FIXED_SEED

EXERCISE = Exercise(
    title="Charge once",
    track="debug",
    teaches="idempotency keys",
    subgoals={
        "One key for all tries": ("test_tries_with_a_key", "test_charges_once"),
        "A key for each item": (
            "test_two_coffees_are_two_charges",
            "test_keys_of_several_consumers",
            "test_keys_of_the_next_run",
        ),
        "Wait as before": ("test_waits_before_retries", "test_keeps_jitter_random"),
        "Keep the old rules": (
            "test_counts_and_marks",
            "test_lets_errors_and_cancellation_out",
            "test_takes_any_item_any_time",
        ),
    },
    learned=(
        "A failed call may have done its work. When all tries of an order carry one key, the "
        "service knows a retry for what it is, and does the work once."
    ),
    pause=pauses.window,
    in_production=(
        "A lost answer looks like a failure, so every retry of a call that changes something may change "
        "it twice: a card is charged, a mail sent, a server started again. An idempotency key, made once "
        "per operation and kept through all of its retries, lets the other side see that it has done "
        "this already: Stripe has a header for it, and many AWS calls take a client token. Of 70 retry "
        "bugs in eight large systems (SOSP 2024) 22 were about how the retry is done, 12 of them about "
        "state that was not reset. Where a crash may come between two tries, "
        "store the key with the order before the first."
    ),
    read_next=(
        (
            "Making retries safe with idempotent APIs, in the Amazon Builders' Library",
            "https://aws.amazon.com/builders-library/making-retries-safe-with-idempotent-APIs/",
        ),
        ("Idempotent requests, in Stripe's API", "https://docs.stripe.com/api/idempotent_requests"),
    ),
)

FAST = {"delay": 0.03, "backoff": 2.0, "jitter": 0.25}
BASICS = ("test_tries_with_a_key",)
ONE_KEY = (*BASICS, "test_charges_once")
OWN_KEYS = (*ONE_KEY, "test_two_coffees_are_two_charges")
APART = (*OWN_KEYS, "test_keys_of_several_consumers")

Runs = Sequence[tuple[Charges, Trace]]


def jobs(draw: Draw, fails: Sequence[int], items: Sequence[Item] | None = None) -> tuple[Job, ...]:
    """One job for each number of failing tries, each with a duration of its own."""
    named = items if items is not None else draw.items(len(fails))
    return tuple(
        Job(item, draw.seconds(0.05, 0.12), n) for item, n in zip(named, fails, strict=True)
    )


def losing(draw: Draw, scenario: Charges) -> Charges:
    """The same, where of each item that fails one of its tries, or several, only lose the answer."""
    attempts = scenario.options.get("attempts", 4)
    lost = set()
    for place, job in enumerate(scenario.jobs):
        failing = min(attempts, attempts if job.fails == ALWAYS else job.fails)
        numbers = range(1, failing + 1)
        lost |= (
            {(place, n) for n in draw.some(numbers, draw.integer(1, failing))} if failing else set()
        )
    return replace(scenario, lost=frozenset(lost))


@check(
    hints=(
        "Does each item still get its tries, each with a key, and is it given up on after `attempts`?",
        "Only what the key is changes here; the loop over the tries stays as it was.",
        "Each try is `await charge(item, key=key)`, and the key a str.",
    )
)
async def test_tries_with_a_key(learner: Subject, draw: Draw) -> None:
    """Tries each item until it succeeds or `attempts` tries have failed, each time with a key."""
    scenarios = [
        losing(draw, Charges(jobs(draw, fails), names=names, options={"attempts": attempts}))
        for attempts, fails, names in (
            (draw.integer(5, 6), [ALWAYS, 0, 1], ("C1",)),
            (1, [ALWAYS, 0, 1, ALWAYS, 2], ("C1",)),
            (3, [ALWAYS, *draw.shuffled([0, 1, 2, ALWAYS])], ("C1",)),
        )
    ]
    scenarios.append(
        losing(draw, Charges(jobs(draw, [ALWAYS] * 10), options={"attempts": 4}, unsaid=UNSAID))
    )
    first = losing(draw, Charges(jobs(draw, [0, 1, 0])))
    several = losing(draw, Charges(jobs(draw, [2, 0, ALWAYS, 1, 0, 1]), names=("C1", "C2")))
    outage = Charges(jobs(draw, [*[ALWAYS] * 10, 0]), options={"attempts": 2})
    begun, *runs = await sending_keys(learner, [first, *scenarios, several, outage])
    tries.settled_and_tried(begun[1], first)
    for scenario, trace in runs:
        crew.keeps_its_item(trace, scenario)
    tries.attempts_respected(runs[:3])
    for scenario, trace in runs[3:]:
        tries.settled_and_tried(trace, scenario)
    for scenario, trace in (begun, *runs):
        keys.sent_as_text(trace, scenario)


UNSAID = frozenset({"attempts"})


async def sending_keys(learner: Subject, scenarios: Sequence[Charges]) -> Runs:
    """The traces of scenarios; where the service is called without a key, that is the failure."""
    try:
        return await learner.run_all(scenarios)
    except Failure as failure:
        if "the service takes an item and, by name: key" in failure.message:
            said = "without a key, or with something else by name"
        elif "charge() takes 1 positional argument" in failure.message:
            said = "with more than the item by position"
        else:
            raise
        where = "" if failure.line is None else f" (line {failure.line})"
        raise KEY_NOT_SENT(
            f"The service was called {said}{where}: it raises a TypeError then, and charges nobody.",
            "Each try is charge(item, key=...): the item, and a key by name.",
            why="error",
            line=failure.line,
            at=failure.at,
            task=failure.task,
        ) from None


@check(
    pictured=True,
    points=3,
    needs=BASICS,
    hints=(
        "Follow one order whose first answer is lost: what does the provider see, call by call?",
        "The provider makes no second charge for a key that it has seen: does it see one twice?",
        "Make the key where the order is taken, and hand that one to every try of it.",
    ),
)
async def test_charges_once(learner: Subject, draw: Draw) -> None:
    """Charges each consumed item once, also when answers are lost: all its tries carry one key."""
    few = draw.integer(1, 3)
    first = Charges(
        jobs(draw, [0, few, 0, 2]),
        options={"attempts": 5, **FAST},
        lost=frozenset({(1, draw.integer(1, few)), (3, draw.integer(1, 2))}),
    )
    names = ("C1", "C2", "C3")
    # Their pauses overlap, and in each of them others begin and end.
    together = Charges(jobs(draw, [2, 1, ALWAYS, *draw.shuffled([0, 1, 2, 3, ALWAYS, 1])]), names)
    crowd = Charges(jobs(draw, [1] * 80), tuple(f"C{number}" for number in range(1, 41)))
    namesakes = Charges(jobs(draw, [1, 2, 1, ALWAYS, 2, 0]), ("C1", "C1", "C1"))
    attempts = MOST_ATTEMPTS
    options = {"attempts": attempts, "delay": 0.01, "backoff": 1.0, "jitter": 0.25}
    many = Charges(jobs(draw, [attempts - 1]), options=options)
    hours = Charges(jobs(draw, [1]), options={"attempts": 2, "delay": draw.hours()})
    others = [losing(draw, one) for one in (together, namesakes, crowd, many, hours)]
    runs = await learner.run_all((first, *others), allow=("time_limit",))
    for scenario, trace in runs:
        keys.one_key_per_item(trace, scenario)
        tries.settled_and_tried(trace, scenario)
    learner.show(runs[0][1])


async def elsewhere(learner: Subject, draw: Draw) -> list[Order]:
    """A dozen orders in a process that has done nothing else yet, for all checks that look."""
    scenario = Charges(jobs(draw.shared("elsewhere"), [0] * 12))
    return orders(await learner.shared("elsewhere", scenario, process=3), scenario)


@check(
    points=2,
    needs=ONE_KEY,
    hints=(
        "Two guests order the same coffee: what makes their orders two, in your code?",
        "A key stands for one order: each time that an item is taken from the queue, a new one.",
        "`key = str(uuid.uuid4())` right behind `item = await q.get()`, whatever the item is.",
    ),
)
async def test_two_coffees_are_two_charges(learner: Subject, draw: Draw) -> None:
    """Gives each item a key of its own: equal ones too, and the next one after giving up."""
    same, other = f"coffee-{draw.integer(10, 99)}", draw.integer(300, 400)
    items: list[Item] = draw.shuffled(list[Item]([same, same, other, other, other + 1]))
    fails = [0, 1, 0, ALWAYS, 0]
    first = Charges(jobs(draw, draw.shuffled(fails), items), options={"attempts": 3})
    # Each ends in another way than the one before: successes, and orders that are given up on.
    mixed = [0, ALWAYS, ALWAYS, 0, 0, 1, ALWAYS, 1]
    kept = Charges(jobs(draw, mixed), options={"attempts": 2})
    latte = Charges(jobs(draw, [1, 0]), again=((0, 0.0), (1, 0.0), (1, draw.seconds(1.0, 2.0))))
    lists: list[Item] = [[1, 2], (3, 4), [1, 2], (3, 4), "", 0, False, *map(Odd, ODD)]
    lists.append(Odd("named"))  # its key, id and name are those of another
    odd = Charges(jobs(draw, [*[0] * 7, *[1] * (len(lists) - 7)], lists))
    for scenario, trace in await learner.run_all([losing(draw, one) for one in (kept, first)]):
        apart.items_apart(trace, scenario)
    latte = replace(latte, lost=frozenset({(0, 1)}))
    for scenario, trace in await learner.run_all((latte, losing(draw, odd))):
        apart.items_apart(trace, scenario)
    # One consumer: all of its keys are told from each other by what is drawn or counted for each.
    thousand = Charges(tuple(Job(item, 0.05) for item in draw.items(MOST_ITEMS)))
    there = await elsewhere(learner, draw)

    def by_no_luck(trace: Trace, scenario: Charges) -> None:
        apart.drawn_from_many(trace, scenario, there)

    await learner.run_briefly(thousand, by_no_luck)


@check(
    points=2,
    needs=OWN_KEYS,
    hints=(
        "Three consumers take an order at the same moment, two of them by one name: which keys come?",
        "A name, a clock and a count of one's own are the same for others: they make no key.",
        "`str(uuid.uuid4())` needs to know nothing of consumers, names or times.",
    ),
)
async def test_keys_of_several_consumers(learner: Subject, draw: Draw) -> None:
    """Gives different keys whatever the consumers are called, and whenever they begin."""
    later = 0.0, draw.seconds(0.013, 0.019), draw.seconds(0.031, 0.039)
    same: list[Item] = [f"coffee-{draw.integer(10, 99)}"] * 90
    mixed = draw.shuffled([0, 1, 0, 0, 1, 0, ALWAYS, 0, 0])
    scenarios = [
        losing(draw, Charges(jobs(draw, mixed, items), names, starts=starts))
        for names, starts, items in (
            (("C1", "C2", "C1"), later, None),
            (("C1", "C2", "C3"), later, same[:9]),
            (("C1", "C2", "C3"), (), None),
            (("C1", "C1", "C1"), (), same[:9]),
        )
    ]
    # Tries that take no time, two at each moment.
    moments = [draw.seconds(low, low + 1) for low in (1, 1, 3, 3, 5, 5)]
    moments[1::2] = moments[::2]
    quick = zip(draw.items(6), moments, strict=True)
    scenarios.append(Charges(tuple(Job(item, 0.0, at=at) for item, at in quick)))
    crew_of_40 = tuple(f"C{number}" for number in range(1, 21)) * 2
    scenarios.append(Charges(jobs(draw, [0] * 90, same), crew_of_40))
    for scenario, trace in await learner.run_all(scenarios):
        apart.items_apart(trace, scenario)
    latte = Job(same[0], draw.seconds(0.05, 0.12), 2)  # one object, in two hands at once
    apart.same_object_apart(await learner.run(Charges((latte,), ("C1", "C2"), again=((0, 0.0),))))


@check(
    points=2,
    needs=APART,
    hints=(
        "Run your module twice and print the keys: are those of the second run new?",
        "A counter begins anew, a seed gives the same again, a clock shows others the same.",
        "Take the key from the system's randomness, `uuid.uuid4()` or `secrets`, with no seed.",
    ),
)
async def test_keys_of_the_next_run(learner: Subject, draw: Draw) -> None:
    """Gives different keys in the next run of the program, and in one beside it."""
    mixed = [0, 1, 0, ALWAYS, 0, 2]
    scenario = losing(draw, Charges(jobs(draw, mixed), ("C1", "C2"), options={"attempts": 3}))
    first, second = await learner.run_apart((scenario, 1), (scenario, 2))
    before = orders(first, scenario)
    later: bool | None = None
    if repeats(second, scenario, first):
        late = await learner.run(replace(scenario, starts=(7.25, 7.5)), process=4)
        later = repeats(late, scenario, first)
    apart.runs_apart(second, scenario, before, later)
    there = await elsewhere(learner, draw)
    apart.runs_apart(await learner.run(scenario, process=3), scenario, there)
    await _one_process(learner, draw)
    alike = [before, orders(second, scenario)]
    if numbers_of_processes(alike):
        third = await learner.run(scenario, process=4)
        apart.more_than_a_process(third, scenario, alike)


async def _one_process(learner: Subject, draw: Draw) -> None:
    """Where consumers have ended, others come to lie at their addresses after a few runs of many."""
    names = tuple(f"C{number}" for number in range(1, 21))
    scenario = Charges(jobs(draw, [0] * 20), names)
    before: list[Order] = []
    for _ in range(10):
        trace = await learner.run(scenario, process=2)
        apart.runs_apart(trace, scenario, before, other="run in the same process")
        before += orders(trace, scenario)


def repeats(trace: Trace, scenario: Charges, before: Trace) -> bool:
    """Does a run carry a key of an earlier one?"""
    known = {str(order.key) for order in orders(before, scenario)}
    return any(str(order.key) in known for order in orders(trace, scenario))


@check(
    needs=BASICS,
    hints=(
        "Compare the waits before the retries of one item with d, and with d * (1 + jitter).",
        "A try waits for nothing but its retry's pause; making a key takes no time.",
        "`await asyncio.sleep(clean + random.uniform(0, clean * jitter))`, where another try follows.",
    ),
)
async def test_waits_before_retries(learner: Subject, draw: Draw) -> None:
    """Waits d + u before each retry and nowhere else, and never blocks the event loop."""
    names = ("C1", "C2")
    settings = (
        ({"attempts": 4, "delay": draw.seconds(0.1, 0.3), "backoff": 3.0, "jitter": 0}, ("C1",)),
        ({"attempts": 5, "delay": draw.seconds(0.02, 0.06), "backoff": 1.5, "jitter": 1.0}, names),
        ({"attempts": 4, "delay": draw.seconds(0.2, 0.6), "backoff": 0.5, "jitter": 0}, names),
        ({"attempts": 3, "delay": 0, "backoff": 2.0, "jitter": 0.25}, names),
    )
    scenarios = [
        losing(draw, Charges(jobs(draw, [ALWAYS, 1, 0, ALWAYS, 2]), called, options=options))
        for options, called in settings
    ]
    by_default = Charges(jobs(draw, [ALWAYS] * 10), names, FAST, unsaid=frozenset(FAST))
    runs = await learner.run_all([*scenarios, by_default], allow=("time_limit",))
    for scenario, trace in runs:
        pauses.loop_never_blocked(trace)
        tries.settled_and_tried(trace, scenario)
    pauses.pauses_hold(runs[:-1], jitter=None)
    pauses.pauses_hold(runs[-1:], jitter=None)
    jitter.default_in_force(said=runs[1], unsaid=runs[-1])
    crew_of_40 = tuple(f"C{number}" for number in range(1, 41))
    busy = Charges(jobs(draw, [*[1] * 4, *[0] * 38]), crew_of_40, options={"attempts": 2})
    few = Charges(jobs(draw, [1, 2, 0, ALWAYS, 0, 1]), names, options={"attempts": 3, **FAST})
    far = {"attempts": 2, "delay": draw.hours(), "backoff": 5.0, "jitter": 0}
    hours = Charges(jobs(draw, [ALWAYS, 0]), options=far)
    for scenario, trace in await learner.run_all((busy, few, hours), allow=("time_limit",)):
        pauses.pauses_are(trace, scenario, jitter=scenario.options.get("jitter", 0.25))
        tries.settled_and_tried(trace, scenario)
        crew.begins_at_once(trace, scenario)


@check(
    needs=(*BASICS, "test_waits_before_retries"),
    hints=(
        "Did the random part of the wait get a seed when the key got its own?",
        "Each retry draws its own number, whatever the keys are made of.",
        "`random.uniform(0, clean * jitter)` where the wait is computed, and nobody seeds `random`.",
    ),
)
async def test_keeps_jitter_random(learner: Subject, draw: Draw) -> None:
    """Draws the random part afresh for every retry, every consumer, and every run of the program."""
    seconds = draw.seconds(0.05, 0.12)
    many, few = (crowd(clients, seconds) for clients in (90, 24))
    few = replace(few, options={"attempts": 3, **FAST}, unsaid=frozenset(FAST))
    alone = charging(jitter.one_by_one(draw))
    trace, elsewhere = await learner.run_apart((many, 1), (few, 2))
    one_by_one = await learner.run_briefly(alone, jitter.one_by_one_holds, process=1)
    pauses.pauses_are(trace, many, jitter=0.5)
    tries.settled_and_tried(trace, many)
    rows = jitter.parts(trace, many)
    independence.independent(rows, trace.seeds)
    by_item = jitter.parts(one_by_one, alone)
    independence.not_of_the_item(by_item[1:], one_by_one.seeds)
    independence.afresh(by_item)
    jitter.fine_enough(jitter.flat(by_item), "The random part")
    jitter.no_lump(jitter.flat(by_item))
    jitter.grows_with_the_wait(rows, 3.0)
    tries.settled_and_tried(elsewhere, few)
    pauses.pauses_are(elsewhere, few, jitter=FAST["jitter"])
    others = jitter.flat(jitter.parts(elsewhere, few))
    values = [*jitter.flat(rows), *others, *jitter.flat(by_item)]

    async def again() -> list[float]:
        once_more = await learner.run_briefly(alone, jitter.one_by_one_holds, process=1)
        return jitter.flat(jitter.parts(once_more, alone))

    await jitter.uniform_in_two_rounds(values, again, "The random part")
    independence.not_repeated(
        jitter.flat(rows),
        others,
        JITTER_FIXED_SEED,
        "Two runs of the program drew the same numbers.",
    )


def crowd(clients: int, seconds: float) -> Charges:
    """Clients that fail at the same moment."""
    return Charges(
        tuple(Job(300 + number, seconds, ALWAYS) for number in range(clients)),
        names=tuple(f"C{number}" for number in range(1, clients + 1)),
        options={"attempts": 3, "delay": 1.0, "backoff": 3.0, "jitter": 0.5},
    )


@check(
    needs=BASICS,
    hints=(
        "Compare stats and the calls of task_done() with what happened to each item.",
        "One count where an item succeeds, is retried, or is given up on; task_done() once per item.",
        "One q.task_done() at the end of the outer loop's body; the counts in their branches.",
    ),
)
async def test_counts_and_marks(learner: Subject, draw: Draw) -> None:
    """Counts in stats, and calls task_done() exactly once for each item."""
    mixtures = [[0, 2], [ALWAYS, 0], counts.IN_PAIRS, draw.shuffled([0, 1, 3, ALWAYS, ALWAYS, 2])]
    scenarios = [
        losing(draw, Charges(jobs(draw, fails), ("C1", "C2")[: len(fails) // 2]))
        for fails in mixtures
    ]
    scenarios.append(losing(draw, Charges(jobs(draw, [ALWAYS, 0]), options={"attempts": 1})))
    namesakes = Charges(jobs(draw, mixtures[-1]), ("C1", "C1"), starts=(0.0, 0.2))
    for scenario, trace in await learner.run_all([*scenarios, losing(draw, namesakes)]):
        tries.settled_and_tried(trace, scenario)
        crew.keeps_its_item(trace, scenario)
        counts.stats_true(trace, scenario, trace.stats)
        counts.true_when_joined(trace, scenario)
        marks.items_done_once(trace, scenario)
    cut_short = charging(interruption.cut_short(draw))
    trace = await learner.run(cut_short, allow=("died",))
    interruption.unsettled_is_not_counted(trace, cut_short)
    interruption.unsettled_is_marked_once(trace, cut_short)
    interruption.settled_are_marked(trace, cut_short)


@check(
    needs=(*BASICS, "test_counts_and_marks"),
    hints=(
        "Which exceptions does your except clause catch, and what does it do with the others?",
        "Only TransientError is retried. Everything else, CancelledError too, leaves the consumer.",
        "`except TransientError:` and nothing broader; if you catch CancelledError, `raise` it again.",
    ),
)
async def test_lets_errors_and_cancellation_out(learner: Subject, draw: Draw) -> None:
    """Lets other errors and cancellation out at once, also while it waits."""
    first, slow = draw.items(1)[0], {"attempts": 4, "delay": 0.2, "backoff": 2.0}
    moments = {
        "while it worked on an item": draw.seconds(0.06, 0.09),
        "while it waited for a retry": draw.seconds(0.11, 0.29),
        "while it waited for an item": draw.seconds(8.0, 9.0),
    }
    ways: list[Consume] = letting_out.ways_out(first, jobs(draw, [0]), first, slow, moments)
    scenarios = [charging(one) for one in ways]
    letting_out.all_let_out(await learner.run_all(scenarios, allow=("died",)), moments)


@check(
    needs=(*BASICS, "test_counts_and_marks"),
    hints=(
        "What if an item is 0, if two are equal, or if the next one comes hours later?",
        "An empty queue is not the end: a consumer waits for the next item until it is cancelled.",
        "`while True:` and `item = await q.get()`, with no test of the item or of the queue.",
    ),
)
async def test_takes_any_item_any_time(learner: Subject, draw: Draw) -> None:
    """Takes any item, also 0, a list or equal ones, whenever it comes."""
    odd: list[Item] = [
        *draw.shuffled(list[Item]([0, "", "STOP"])),
        "same",
        "same",
        -1,
        [7, 8],
        (7, 8),
    ]
    odd += map(Odd, ODD)
    fails = [2, 2, 0, ALWAYS, 2, 2, 1, *[1] * (len(odd) - 7)]
    late = Job(draw.integer(500, 600), draw.hours(), 1, at=draw.hours())
    waiting = Charges((*jobs(draw, fails, odd), late), options={"attempts": 3, **FAST})
    scenarios = losing(draw, waiting), Charges(())
    for scenario, trace in await learner.run_all(scenarios):
        tries.settled_and_tried(trace, scenario)
        crew.keeps_its_item(trace, scenario)
        counts.stats_true(trace, scenario, trace.stats)
        marks.items_done_once(trace, scenario)
