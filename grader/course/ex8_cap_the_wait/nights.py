"""Bad nights: outages that last and outages that pass, slow tries, and deadlines that are just met."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.course.api import ALWAYS, ODD, Draw, Item, Job, Odd, Rule
from grader.course.ex8_cap_the_wait.outage import Outage, asked, jobs

__all__ = [
    "DOWN",
    "FAR",
    "FREE",
    "at_the_edge",
    "bad_night",
    "by_a_hair",
    "by_default",
    "crowd",
    "hopeless",
    "in_time",
    "namesakes",
    "no_time_at_all",
    "other_settings",
]

FAR = 9_000.0
"""Seconds: a ceiling that no pause gets to, also where they last for hours."""

FREE = asked(max_delay=50.0, deadline=None)
"""Options without a ceiling and a deadline that anybody would get to: all is as in the lesson."""

DOWN = (Rule(fails=True),)
"""A service that is down for good."""


def hopeless(draw: Draw) -> list[Outage]:
    """Outages that last: of quick and slow services, with items that come late, and for hours."""
    options = asked(max_delay=50.0, delay=draw.seconds(0.1, 0.2), deadline=draw.seconds(1.5, 3.0))
    even = options | {"attempts": 40, "delay": draw.seconds(0.2, 0.4), "backoff": 1.0}
    slow = draw.seconds(0.7, 1.2)
    first, second, third = jobs(draw, [0, 0, 0])
    late = (
        replace(first, seconds=slow),
        replace(second, at=draw.seconds(8.0, 9.0)),
        replace(third, at=draw.seconds(20.0, 30.0)),
    )
    long = options | {"attempts": 9, "delay": draw.seconds(300, 400), "backoff": 1.5}
    long |= {"max_delay": FAR, "deadline": draw.hours()}
    over = draw.seconds(3.5, 4.5)  # a first try that takes longer than the deadline
    return [
        Outage(jobs(draw, [0, 0]), options=even | {"jitter": 0}, rules=DOWN),
        Outage(jobs(draw, [0, 0, 0]), options=options, rules=DOWN),
        Outage(late, options=options, rules=DOWN),
        Outage(
            jobs(draw, [0, 0, 0, 0], slow, slow + 0.1),
            options=even | {"jitter": 1.0},
            names=("C1", "C2"),
            rules=DOWN,
        ),
        Outage(jobs(draw, [0, 0], 40.0, 90.0), options=long, rules=DOWN),
        Outage(jobs(draw, [0, 0], over, over + 1), options=options, rules=DOWN),
    ]


def no_time_at_all(draw: Draw) -> Outage:
    """A deadline of 0, which leaves each item one try."""
    return Outage(jobs(draw, [0, 0, 0]), options=asked(deadline=0), rules=DOWN)


def by_default(draw: Draw) -> Outage:
    """An outage that lasts, for a consumer whose deadline nobody mentions."""
    options = asked(attempts=40, delay=draw.seconds(0.2, 0.3), backoff=1.0)
    return Outage(jobs(draw, [0, 0]), options=options, rules=DOWN, unsaid=frozenset({"deadline"}))


def by_a_hair(draw: Draw, room: float) -> list[Outage]:
    """Items that fail, and of which one retry would begin so many seconds before the deadline.

    The last of these deadlines is one of nearly three hours, and just as exact.
    """
    found = []
    for number in (1, 2, 3):
        seconds, delay, ceiling = (
            draw.seconds(0.1, 0.3),
            draw.seconds(0.2, 0.4),
            draw.seconds(0.6, 0.7),
        )
        pause = sum(min(ceiling, delay * 2.0**k) for k in range(number))
        options = asked(delay=delay, max_delay=ceiling, jitter=0)
        options["deadline"] = round(number * seconds + pause + room, 6)
        named = tuple(Job(item, seconds, ALWAYS) for item in draw.items(2))
        found.append(Outage(named, options=options))
    delay = draw.seconds(2_600.0, 2_650.0)
    options = asked(delay=delay, backoff=3.0, max_delay=FAR, jitter=0)
    options["deadline"] = round(2 * 0.25 + 4 * delay + room, 6)
    return [*found, Outage((Job(draw.items(1)[0], 0.25, ALWAYS),), options=options)]


def namesakes(draw: Draw) -> Outage:
    """Two consumers of one name: one takes its item when that of the other has little time left."""
    first, second = jobs(draw, [ALWAYS, ALWAYS])
    options = asked(attempts=40, delay=draw.seconds(0.2, 0.3), backoff=1.0, jitter=0)
    return Outage(
        (first, replace(second, at=draw.seconds(1.2, 1.5))),
        names=("C1", "C1"),
        options=options | {"deadline": draw.seconds(2.0, 2.5)},
    )


def other_settings(draw: Draw) -> list[Outage]:
    """One call after the other, each with all but one of the settings of the first."""
    first = asked(attempts=8, delay=draw.seconds(0.04, 0.06), max_delay=0.4, deadline=None)
    others: tuple[dict[str, Any], ...] = (
        {},
        {"max_delay": 1.5},
        {"backoff": 3.0},
        {"jitter": 0},
    )
    return [Outage(jobs(draw, [ALWAYS]), options=first | other) for other in others]


def at_the_edge(draw: Draw, count: int, share: float, *, top: bool) -> Outage:
    """Items of which so many are tried again that this share of the first pauses would fit.

    top: the first pause has reached its ceiling.
    """
    seconds, d = draw.seconds(0.05, 0.12), draw.seconds(1.5, 2.5)
    width = draw.one_of((0.5, 1.0))
    named = tuple(Job(item, seconds, ALWAYS) for item in draw.items(count))
    ends = {"delay": d * 3, "max_delay": d} if top else {"delay": d, "max_delay": 50.0}
    deadline = round(seconds + d * (1 + width * share), 6)
    return Outage(named, options=asked(attempts=2, jitter=width, deadline=deadline) | ends)


def in_time(draw: Draw) -> list[Outage]:
    """Outages that end before the deadline of any item."""
    options = asked(
        attempts=40, max_delay=2.0, delay=draw.seconds(0.05, 0.1), deadline=draw.seconds(3.0, 3.5)
    )
    short = (Rule(until=draw.seconds(1.8, 2.2), fails=True),)
    late = Job(draw.integer(300, 400), 0.05, at=draw.seconds(50, 60))
    later = (Rule(since=49.0, until=late.at + draw.seconds(1.0, 1.4), fails=True),)
    first, second = jobs(draw, [0, 2])
    # One that nearly takes the whole time to fail, and one that comes to a consumer at work.
    slow = (replace(first, seconds=draw.seconds(2.5, 2.8), fails=1), second)
    # By then four tries have failed for whatever they draw, and the fifth comes in time.
    for_hours = options | {"attempts": 12, "delay": draw.seconds(300, 400), "max_delay": FAR}
    hours = (Rule(until=draw.seconds(3_600, 4_300), fails=True),)
    very_late = Job(draw.integer(300, 400), draw.hours(), 1, at=draw.hours())
    alike: list[Item] = ["same", "same", [7, 8], (7, 8), 0, False, *map(Odd, ODD)]
    each = tuple(Job(item, draw.seconds(0.3, 0.4), 2) for item in alike)
    return [
        Outage(jobs(draw, [0, 0, 0]), options=options, rules=short),
        Outage((late,), options=options, rules=later),
        Outage(slow, options=options | {"backoff": 1.0}),
        Outage(jobs(draw, [0, 0]), options=for_hours | {"deadline": None}, rules=hours),
        Outage(jobs(draw, [0, 0]), options=for_hours | {"deadline": draw.hours()}, rules=hours),
        Outage((*jobs(draw, [0]), very_late), options=FREE | {"attempts": 3}),
        Outage(each, options=options | {"max_delay": 0.2}),
        Outage(
            jobs(draw, [2] * 9, 0.3, 0.4),
            starts=(0.0, draw.seconds(4, 5)),
            names=("C1", "C1"),
            options=options,
        ),
    ]


def crowd(
    draw: Draw, clients: int, seconds: float, options: dict[str, Any], *, late: int = 0
) -> Outage:
    """Clients that fail at the same moment; so many further items come when all that is over."""
    together = [Job(300 + number, seconds, ALWAYS) for number in range(clients)]
    later = [Job(500 + number, seconds, ALWAYS, at=draw.seconds(20, 30)) for number in range(late)]
    return Outage(
        (*together, *later),
        names=tuple(f"C{number}" for number in range(1, clients + 1)),
        options=options,
    )


def bad_night(draw: Draw) -> Outage:
    """Three consumers in an outage: items are given up on for want of time, or of tries."""
    slow = draw.shuffled([*jobs(draw, [0] * 9), *jobs(draw, [0] * 3, 1.0, 4.0)])
    named = zip(draw.items(len(slow)), slow, strict=True)
    down = Rule(since=draw.seconds(0.1, 0.3), until=draw.seconds(6.0, 9.0), fails=True)
    options = asked(
        attempts=draw.integer(7, 8),
        backoff=draw.one_of((1.5, 2.0, 3.0)),
        max_delay=draw.seconds(0.3, 0.4),
        deadline=draw.seconds(2.0, 3.0),
    )
    return Outage(
        tuple(replace(job, item=item) for item, job in named),
        names=("C1", "C2", "C3"),
        options=options,
        rules=(down,),
    )
