"""Checks of ex8: pauses have a ceiling, and the deadline decides whether another try may begin."""

from typing import Any

from grader.course.api import (
    ALWAYS,
    MOST_ATTEMPTS,
    ODD,
    Draw,
    Exercise,
    Failure,
    Item,
    Job,
    Odd,
    Rule,
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
from grader.course.ex8_cap_the_wait.ceiling import (
    none_cut_to_the_deadline,
    parts,
    pauses_hold,
    starts_again,
)
from grader.course.ex8_cap_the_wait.deadline import (
    cut_off,
    never_cut_off,
    none_given_up_early,
    none_too_late,
    weighs_the_draw,
)
from grader.course.ex8_cap_the_wait.ended import played, played_briefly
from grader.course.ex8_cap_the_wait.kept import nothing_kept
from grader.course.ex8_cap_the_wait.nights import (
    DOWN,
    FREE,
    at_the_edge,
    bad_night,
    by_a_hair,
    by_default,
    crowd,
    hopeless,
    in_time,
    namesakes,
    no_time_at_all,
    other_settings,
)
from grader.course.ex8_cap_the_wait.outage import Outage, asked, by_item, jobs, seen_as
from grader.course.ex8_cap_the_wait.settled import (
    all_begun,
    counts_true,
    given_up_at_once,
    late_success_counts,
    marked_once,
    none_beside,
)
from grader.course.mistakes.draws import JITTER_FIXED_SEED

EXERCISE = Exercise(
    title="Cap the wait",
    track="debug",
    teaches="a ceiling and a deadline for retries",
    subgoals={
        "Keep the old rules": (
            "test_tries_again",
            "test_counts_and_marks",
            "test_lets_errors_and_cancellation_out",
        ),
        "Cap the pause": (
            "test_caps_the_pause",
            "test_caps_it_for_ever",
            "test_keeps_jitter_random",
        ),
        "Cut off no try": ("test_never_cuts_off_a_try",),
        "Keep the deadline": (
            "test_begins_no_try_too_late",
            "test_gives_up_at_once",
            "test_gives_up_no_earlier",
            "test_weighs_the_pause_drawn",
        ),
    },
    learned=(
        "A ceiling has everybody back soon after an outage, however long it was. A deadline is asked "
        "before the pause: it decides what may begin, and never ends what is under way."
    ),
    in_production=(
        "Of 70 retry bugs in eight large systems, 23 were about *when* to try again: for 13 the cap was "
        "missing or unsafe, for 10 there was no delay at all. Retry libraries have both limits under "
        "their own names, as tenacity has `wait_exponential(max=...)` and `stop_before_delay`, which "
        "stops when the next pause would end too late. A timeout around the whole is another thing: it "
        "throws away work that the other side may have done, and belongs around a single call, if "
        "anywhere."
    ),
    read_next=(
        (
            "The study of the 70 retry bugs (SOSP 2024)",
            "https://bastoica.github.io/files/papers/2024_sosp_wasabi.pdf",
        ),
        ("Deadlines, in gRPC's guides", "https://grpc.io/docs/guides/deadlines/"),
    ),
)

BASICS = ("test_tries_again",)
CAPPED = (*BASICS, "test_caps_the_pause")


@check(
    hints=(
        "What becomes of an item that fails, with attempts=1 and with attempts=5?",
        "An item is tried until it succeeds or `attempts` tries have failed; then comes the next one.",
        "`for attempt in range(1, attempts + 1):` with the try in it, left after a success.",
    )
)
async def test_tries_again(learner: Subject, draw: Draw) -> None:
    """Without a deadline, tries each item until it succeeds or `attempts` tries have failed."""
    fails = [ALWAYS, 0, 1, ALWAYS, 2]
    several = [
        Outage(jobs(draw, fails), options={**FREE, "attempts": attempts})
        for attempts in (draw.integer(5, 6), 1, 3)
    ]
    odd: list[Item] = [*draw.shuffled(list[Item]([0, "", "STOP"])), "same", "same", [7, 8], (7, 8)]
    odd += map(Odd, ODD)
    waiting = [Job(item, draw.seconds(0.05, 0.12), draw.integer(1, 2)) for item in odd]
    names = tuple(f"C{number}" for number in range(1, 41))
    others = [
        Outage(tuple(waiting), options={**FREE, "attempts": 3}),
        Outage(jobs(draw, [*[1] * 4, *[0] * 38]), names=names, options={**FREE, "attempts": 2}),
        Outage(
            jobs(draw, [ALWAYS]),
            options={**FREE, "backoff": 1.0},
            unsaid=frozenset({"attempts"}),
        ),
    ]
    runs = await played(learner, [*several, *others])
    for scenario, trace in runs:
        crew.keeps_its_item(trace, scenario)
    tries.attempts_respected(list(runs[: len(several)]))
    for scenario, trace in runs[len(several) :]:
        tries.settled_and_tried(trace, scenario)
    for scenario, trace in runs:
        crew.begins_at_once(trace, scenario)


@check(
    pictured=True,
    points=3,
    needs=BASICS,
    hints=(
        "Write down the pauses of one item that always fails: where do they stop growing?",
        (
            "d grows by `backoff` each time until it reaches `max_delay`, and stays there; the random "
            "part, up to d * jitter, comes on top of it."
        ),
        "d = min(max_delay, delay * backoff ** (k - 1)), then sleep d + random.uniform(0, d * jitter).",
    ),
)
async def test_caps_the_pause(learner: Subject, draw: Draw) -> None:
    """Pauses d + u after failed try k, with d = min(max_delay, delay * backoff ** (k - 1))."""
    free: tuple[dict[str, Any], ...] = (
        {"attempts": 5, "delay": draw.seconds(0.1, 0.2), "backoff": 1.5, "jitter": 0},
        {"attempts": 5, "delay": draw.seconds(0.02, 0.05), "backoff": 2.0, "jitter": 0.25},
        {"attempts": 4, "delay": draw.seconds(0.02, 0.05), "backoff": 3.0, "jitter": 1.0},
        {"attempts": 4, "delay": draw.seconds(0.1, 0.3), "backoff": 1.0, "jitter": 0.1},
    )
    capped: tuple[dict[str, Any], ...] = (
        {"delay": draw.seconds(0.02, 0.06), "max_delay": draw.seconds(0.3, 0.9)},
        {
            "delay": draw.seconds(0.1, 0.3),
            "backoff": 3.0,
            "max_delay": draw.seconds(4.0, 9.0),
            "jitter": 1,
        },
        {"delay": draw.seconds(0.5, 0.9), "backoff": 1.5, "max_delay": draw.seconds(0.1, 0.4)},
        {"delay": draw.seconds(0.02, 0.06), "max_delay": draw.seconds(0.3, 0.9), "jitter": 0},
        {"delay": 1, "backoff": 2, "max_delay": draw.integer(3, 7), "jitter": 0},
        {"delay": draw.seconds(0.0001, 0.0004), "max_delay": draw.seconds(0.0006, 0.0009)},
    )
    scenarios = [
        Outage(
            jobs(draw, [ALWAYS] * 4),
            names=names,
            options=FREE | {"max_delay": draw.seconds(40, 60)} | some,
        )
        for some, names in zip(free, (("C1", "C2"), *[("C1",)] * 3), strict=True)
    ]
    scenarios += [
        Outage(
            jobs(draw, [ALWAYS] * 4),
            names=names,
            options=asked(deadline=None, attempts=draw.integer(9, 10)) | some,
        )
        for some, names in zip(capped, (*[("C1", "C2")] * 3, *[("C1",)] * 3), strict=True)
    ]
    unsaid = Outage(
        jobs(draw, [ALWAYS] * 3),
        options=asked(deadline=None),
        unsaid=frozenset({"delay", "backoff", "jitter", "max_delay"}),
    )
    others = other_settings(draw)
    *runs, (_, by_defaults) = await played(learner, [*scenarios, *others, unsaid])
    pauses_hold(runs[: len(scenarios)])
    nothing_kept(runs[len(scenarios) :])
    pauses_hold(runs)
    for scenario, trace in runs:
        pauses.loop_never_blocked(trace)
        tries.settled_and_tried(trace, scenario)
    pauses_hold([(unsaid, by_defaults)])
    _whole_window(by_defaults, unsaid)
    # Each of these is given up on at its deadline, after a few tries.
    one_by_one = Outage(
        jobs(draw, [0] * 4),
        options=asked(max_delay=9.0, deadline=draw.seconds(1.0, 1.5)),
        rules=DOWN,
    )
    settings = {"delay": draw.seconds(300.0, 400.0), "max_delay": draw.hours(), "jitter": 0}
    hours = Outage(
        jobs(draw, [ALWAYS]), options=asked(attempts=6, backoff=6.0, deadline=None) | settings
    )
    ends = "time_limit", "died"
    (_, timed), long = await learner.run_all([one_by_one, hours], allow=ends)
    starts_again(timed, one_by_one)
    pauses_hold([long])
    none_given_up_early([long])
    tries.settled_and_tried(long[1], hours)
    # The one that a timeline shows: the pauses are twice as long each time, up to the ceiling.
    grows = asked(attempts=7, delay=0.05, max_delay=0.2, deadline=None)
    pauses_hold(await played(learner, [Outage(jobs(draw, [ALWAYS], 0.1, 0.11), options=grows)]))


def _whole_window(trace: Trace, scenario: Outage) -> None:
    """The window that the default opens is used: 33 draws are all in its lower half once in 2 ** 33."""
    reached = max(jitter.flat(parts(trace, scenario)))
    if reached <= 0.5:
        raise Failure(
            f"the random parts used only {reached * 100:.0f} % of the window.", jitter.ASKS
        ).about(trace)


@check(
    points=2,
    needs=CAPPED,
    hints=(
        "What does Python say to 2.0 ** 2000?",
        "The ceiling holds after every try, also where the power is too large for a float.",
        "Multiply after each try: `grown *= backoff` ends at inf, and min(max_delay, inf) is max_delay.",
    ),
)
async def test_caps_it_for_ever(learner: Subject, draw: Draw) -> None:
    """The ceiling holds for every k, up to 2,000 tries, and for slow growth as for fast."""
    settings: tuple[dict[str, Any], ...] = (
        {"attempts": draw.integer(1_900, 2_000), "backoff": draw.one_of((2, 2.0))},
        {"attempts": MOST_ATTEMPTS, "backoff": draw.one_of((20.0, 30.0))},
        {
            "attempts": MOST_ATTEMPTS,
            "backoff": draw.one_of((1.024, 1.025)),
            "max_delay": draw.seconds(7.0, 8.0),
            "jitter": draw.one_of((0, 0.1)),
        },
        {"attempts": MOST_ATTEMPTS, "backoff": draw.one_of((12, 20))},  # no float here
    )
    for some in settings:
        options = asked(delay=draw.seconds(0.0095, 0.0105), max_delay=draw.seconds(0.2, 0.4))
        scenario = Outage(jobs(draw, [ALWAYS, 0]), options=options | {"deadline": None} | some)
        await played_briefly(learner, scenario, _all_as_asked)


def _all_as_asked(trace: Trace, scenario: Outage) -> None:
    """Without a deadline: as many tries as asked, and each pause as long."""
    pauses_hold([(scenario, trace)])
    tries.settled_and_tried(trace, scenario)


@check(
    points=3,
    needs=BASICS,
    hints=(
        "What happens to a try that is running when the deadline comes?",
        "The deadline says whether another try may begin. What has begun, goes on to its end.",
        "Take the limit around the tries away; after a failed one, compare the time with the deadline.",
    ),
)
async def test_never_cuts_off_a_try(learner: Subject, draw: Draw) -> None:
    """Never cuts off a try that is running: it may end after the deadline, and counts as what it is."""
    options = asked(max_delay=50.0, delay=draw.seconds(0.05, 0.2), deadline=draw.seconds(3.5, 4.0))
    zero, hours = options | {"deadline": 0}, options | {"deadline": draw.seconds(0.5, 0.9)}
    slow, quick = draw.seconds(4.5, 8.0), draw.seconds(0.05, 0.12)
    two = [Rule(last=2, fails=True), Rule(first=3, last=3, seconds=slow)]
    long = [
        Rule(items=(0,), last=1, seconds=draw.hours()),
        Rule(items=(1,), last=1, seconds=draw.hours()),
    ]
    scenarios = [
        Outage(jobs(draw, [0, 0], slow, slow + 1), options=options),
        Outage(jobs(draw, [ALWAYS, 0], slow, slow + 1), options=options),
        Outage(jobs(draw, [0, 0, 0]), options=options, rules=(*two,)),
        Outage(jobs(draw, [0, 0, 0, 1]), options=zero),
        Outage(
            jobs(draw, [0, 1, 0, 0, 0], quick), names=("C1", "C2"), options=hours, rules=(*long,)
        ),
    ]
    for scenario, trace in await learner.run_all(scenarios, allow=("died",)):
        never_cut_off(trace, scenario)
        none_beside(trace, scenario)
        late_success_counts(trace, scenario)


@check(
    points=2,
    needs=BASICS,
    hints=(
        "When would the next try begin: before the item's deadline, or after it?",
        "The end of the pause has to lie before the deadline, which counts from the item's first try.",
        "`latest = clock() + deadline` right after get(); give up if `clock() + pause > latest`.",
    ),
)
async def test_begins_no_try_too_late(learner: Subject, draw: Draw) -> None:
    """Begins no further try of an item later than `deadline` seconds after the beginning of its first."""
    edge = at_the_edge(draw, 40, 0.5, top=False)
    after = by_a_hair(draw, -draw.seconds(0.002, 0.004))
    *runs, unsaid = await played(
        learner,
        [
            *hopeless(draw),
            *after,
            edge,
            no_time_at_all(draw),
            namesakes(draw),
            by_default(draw),
        ],
    )
    for scenario, trace in runs:
        all_begun(trace, scenario)
    none_cut_to_the_deadline(runs)
    none_too_late(runs)
    none_too_late([unsaid])


@check(
    points=2,
    needs=BASICS,
    hints=(
        "What does the consumer do between the last failure of an item and the next item?",
        "A pause that would end after the deadline is not begun: the item is given up on at once.",
        "First `if clock() + pause > latest:` and give up; the sleep comes behind that.",
    ),
)
async def test_gives_up_at_once(learner: Subject, draw: Draw) -> None:
    """Gives up on an item at once, without sleeping, when the pause would end after the deadline."""
    edge = at_the_edge(draw, 20, 0.5, top=False)
    scenarios = [*hopeless(draw), edge, no_time_at_all(draw)]
    few = asked(attempts=3, deadline=draw.seconds(3.0, 4.0))
    scenarios.append(Outage(jobs(draw, [0, 0, 0]), options=few, rules=DOWN))  # for want of tries
    for scenario, trace in await played(learner, scenarios):
        pauses.loop_never_blocked(trace)
        given_up_at_once(trace, scenario)
        crew.begins_at_once(trace, scenario)


@check(
    points=2,
    needs=BASICS,
    hints=(
        "From which moment on do you count the deadline of the second item?",
        "Each item's deadline counts from the beginning of its own first try.",
        "`latest = clock() + deadline` right after `await q.get()`, and nothing else in it.",
    ),
)
async def test_gives_up_no_earlier(learner: Subject, draw: Draw) -> None:
    """Never gives up on an item while tries are left and the pause that was drawn fits."""
    scenarios = [*in_time(draw), *by_a_hair(draw, draw.seconds(0.002, 0.004))]
    *runs, unsaid = await played(
        learner, [*scenarios, *hopeless(draw), namesakes(draw), by_default(draw)]
    )
    for scenario, trace in runs[: len(scenarios)]:
        all_begun(trace, scenario)
        never_cut_off(trace, scenario)
    none_given_up_early(runs)
    none_given_up_early([unsaid])


@check(
    points=2,
    needs=CAPPED,
    hints=(
        "Print the random part before each retry, in two runs of the program.",
        "Each retry of each consumer draws its own number, uniformly from 0 to d * jitter.",
        "random.uniform(0, d * jitter), where the pause is computed, from a generator nobody seeds.",
    ),
)
async def test_keeps_jitter_random(learner: Subject, draw: Draw) -> None:
    """Draws afresh for every retry, every consumer, and every run of the program, also at the ceiling."""
    seconds = draw.seconds(0.05, 0.12)
    top = {"delay": 2.0, "max_delay": 1.0, "jitter": 0.5, "attempts": 3, "deadline": None}
    many = crowd(draw, 90, seconds, asked(**top), late=4)
    few = crowd(draw, 30, seconds, asked(attempts=3, deadline=None))
    lesson = jitter.one_by_one(draw)
    capped = {"delay": 0.05, "max_delay": 0.03, "backoff": 2.0, "deadline": None}
    wide = Outage(
        jobs(draw, [ALWAYS]),
        options=FREE
        | {"attempts": 41, "delay": draw.seconds(0.2, 0.4), "backoff": 1.0, "jitter": 2.5},
    )
    alone = Outage(lesson.jobs, options=asked(**(dict(lesson.options) | capped)))
    trace, elsewhere, in_wide = await learner.run_apart((many, 1), (few, 2), (wide, 1))
    one_by_one = await learner.run_briefly(alone, _all_as_asked, process=1)
    for one, its in ((many, trace), (few, elsewhere), (wide, in_wide)):
        pauses_hold([(one, its)])
        tries.settled_and_tried(its, one)
    rows, by_job = parts(trace, many, range(90)), parts(one_by_one, alone)
    late = jitter.late_parts(trace, seen_as(many, delay=1.0, backoff=1.0))
    independence.independent(rows, trace.seeds, late=late)
    independence.not_of_the_item(by_job[1:], one_by_one.seeds)
    independence.afresh(by_job)
    jitter.fine_enough(jitter.flat(by_job), "The random part")
    jitter.no_lump(jitter.flat(by_job))
    jitter.wide_window(in_wide, wide)
    others = parts(elsewhere, few)
    jitter.grows_with_the_wait(others, 2.0)
    independence.independent(others, elsewhere.seeds)

    async def again() -> list[float]:
        once_more = await learner.run_briefly(alone, _all_as_asked, process=1)
        return jitter.flat(parts(once_more, alone))

    values = [*jitter.flat(rows), *jitter.flat(others), *jitter.flat(by_job)]
    await jitter.uniform_in_two_rounds(values, again, "The random part")
    independence.not_repeated(
        jitter.flat(rows),
        jitter.flat(others),
        JITTER_FIXED_SEED,
        "Two runs of the program drew the same numbers.",
    )


@check(
    points=2,
    needs=(
        *CAPPED,
        "test_begins_no_try_too_late",
        "test_gives_up_no_earlier",
        "test_keeps_jitter_random",
    ),
    hints=(
        "Which number do you compare with the deadline, and which one do you sleep?",
        "The pause that was drawn decides, random part and all; it is drawn once for each retry.",
        "`pause = d + random.uniform(0, d * jitter)`, then ask once: `clock() + pause > latest`.",
    ),
)
async def test_weighs_the_pause_drawn(learner: Subject, draw: Draw) -> None:
    """Decides by the pause that was drawn: where half of them fit, half of the items are tried again."""
    shares = draw.shuffled([draw.seconds(0.3, 0.4), draw.seconds(0.6, 0.7)])
    tops = draw.shuffled([True, False])
    scenarios = [
        at_the_edge(draw, 240, share, top=top) for share, top in zip(shares, tops, strict=True)
    ]
    runs = await played(learner, scenarios)
    none_cut_to_the_deadline(runs)
    none_too_late(runs)
    weighs_the_draw(runs, shares)


@check(
    points=2,
    needs=BASICS,
    hints=(
        "Compare stats with what happened, for items that were given up on at their deadline, too.",
        "A retry counts when it is made; an item given up on counts once, and is marked as done once.",
        'stats["retried"] += 1 right before the sleep; one q.task_done() where all ways meet.',
    ),
)
async def test_counts_and_marks(learner: Subject, draw: Draw) -> None:
    """Counts successes, retries and items given up on; calls task_done() once for each item."""
    free = FREE | {"attempts": 4}
    fails = draw.shuffled([0, 1, 2, 3, ALWAYS, ALWAYS])
    # By this deadline every item that always fails has had four tries, for whatever it draws.
    four = asked(attempts=draw.integer(8, 12), delay=0.05, deadline=draw.seconds(0.86, 0.89))
    lesson = [
        Outage(jobs(draw, fails), names=names, starts=starts, options=free)
        for names, starts in ((("C1",), ()), (("C1", "C1"), (0.0, 0.2)))
    ]
    timed = [
        Outage(jobs(draw, draw.shuffled([0, 1, 2, 3, ALWAYS, ALWAYS])), names=names, options=four)
        for names in (("C1",), ("C1", "C2"))
    ]
    mixed = bad_night(draw)
    *runs, (_, night) = await played(learner, [*lesson, *timed, mixed])
    for scenario, trace in runs:
        if scenario.options["deadline"] is None or _four_tries(trace):
            view = seen_as(scenario, attempts=4)
            counts.stats_true(trace, view, trace.stats)
            counts.true_when_joined(trace, view)
            marks.items_done_once(trace, view)
    if all(its[-1].outcome in ("ok", "transient") for its in by_item(night)):
        none_beside(night, mixed)
        counts_true(night, mixed)
        marked_once(night)
    cut = interruption.cut_short(draw)
    cut_short = Outage(cut.jobs, names=cut.names, cancel=cut.cancel, options=free)
    trace = await learner.run(cut_short, allow=("died",))
    interruption.unsettled_is_not_counted(trace, cut_short)
    interruption.unsettled_is_marked_once(trace, cut_short)
    interruption.settled_are_marked(trace, cut_short)


def _four_tries(trace: Trace) -> bool:
    """Is each item given up on after four tries, as its deadline asks? If not, that is told elsewhere."""
    return all(
        one.number == 4 if one.outcome == "transient" else one.number < 5 and one.outcome == "ok"
        for one in (its[-1] for its in by_item(trace))
    )


@check(
    needs=BASICS,
    hints=(
        "Which exceptions does your except clause catch, and what does it do with the others?",
        "Only TransientError is retried. Everything else, a TimeoutError too, leaves the consumer.",
        "`except TransientError:` and nothing broader; no `except TimeoutError` around the whole.",
    ),
)
async def test_lets_errors_and_cancellation_out(learner: Subject, draw: Draw) -> None:
    """Lets other errors and cancellation out at once, also while it waits."""
    first = draw.items(1)[0]
    when = {
        "while it worked on an item": draw.seconds(0.06, 0.09),
        "while it waited for a retry": draw.seconds(0.11, 0.29),
        "while it waited for an item": draw.seconds(8.0, 9.0),
    }
    slow = asked(attempts=4, delay=0.2)
    scenarios = letting_out.ways_out(first, jobs(draw, [0]), first, slow, when)
    letting_out.all_let_out(await learner.run_all(scenarios, allow=("died",)), when)
    late = Outage(
        jobs(draw, [0, 0], 9.0, 10.0),
        options=asked(deadline=draw.seconds(0.5, 1.0)),
        cancel=draw.seconds(3.0, 5.0),
    )
    trace = await learner.run(late, allow=("died",))
    if cut_off(trace, late) is None:  # before it was cancelled; that is told elsewhere
        interruption.cancelled_cleanly(trace, late, "while a try ran on after its deadline")
        interruption.unsettled_is_not_counted(trace, late)
        interruption.unsettled_is_marked_once(trace, late)
