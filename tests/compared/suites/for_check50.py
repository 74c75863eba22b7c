"""Exercise 1 in check50, which runs each check in a process of its own."""

import asyncio
import sys
from pathlib import Path

import check50
import check50.py

sys.path.insert(0, str(Path(__file__).parent))
from station import WORK, Station, sizes_are_true


def run(station, **bounds):
    """Run the submission's pipeline; whatever it raises fails the check."""
    module = check50.py.import_("ex1_add_maxsize.py")
    try:
        return asyncio.run(station.run(module.run_pipeline, **bounds))
    except Exception as error:
        raise check50.Failure(f"{type(error).__name__}: {error}") from error


def must(holds, otherwise):
    """Fail the check with this sentence."""
    if not holds:
        raise check50.Failure(otherwise)


@check50.check(timeout=5)
def every_item():
    """works on every item once, in order"""
    must(run(Station()).begun == list(range(12)), "not every item, or not in order")


@check50.check(timeout=5)
def returns():
    """returns when all is finished, and leaves no task"""
    station = run(Station())
    must(sorted(station.ended) == list(range(12)), "some items are not finished")
    must(station.tasks_left == 0, "tasks are left running")


@check50.check(timeout=5)
def bounds_what_waits():
    """no more than maxsize items wait"""
    for maxsize in (1, 4):
        must(run(Station(), maxsize=maxsize).most_ahead <= maxsize + 1, "more items wait")


@check50.check(timeout=5)
def fills_the_queue():
    """uses all the room"""
    for maxsize in (1, 4):
        must(run(Station(), maxsize=maxsize).most_ahead >= maxsize, "the queue is never full")


@check50.check(timeout=5)
def waits_by_awaiting():
    """waits without stopping the event loop"""
    station = run(Station(), consumers=1, maxsize=1)  # time.sleep() raises
    must(station.taken == 12, "the producer does not go on")


@check50.check(timeout=5)
def keeps_consumers_busy():
    """keeps all consumers busy"""
    station = run(Station(), consumers=4)
    must(station.most_at_once == 4, "not all consumers work at once")
    must(station.seconds < 9 * WORK, "it takes longer than it needs to")


@check50.check(timeout=5)
def logs_each_put():
    """logs each put with the queue's size"""
    puts = run(Station(), maxsize=3).puts
    must([item for item, _ in puts] == list(map(str, range(12))), "not every put is logged")
    must(sizes_are_true([size for _, size in puts], maxsize=3), "the sizes are not the queue's")


@check50.check(timeout=5)
def takes_any_items():
    """takes any items, or none"""
    for items in ([], [0, "", 0, -1]):
        must(run(Station(items)).begun == items, "some items are not worked on")
