"""A weather station, for all suites: hands readings out lazily, archives them slowly, keeps count."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from typing import Any
from unittest.mock import patch

WORK = 0.01  # seconds that one reading takes
LIMIT = 1  # second, for a pipeline that never ends
PUT = re.compile(r"^PROD (\S+) SZ (\d+)", re.MULTILINE)


class Station:
    """One run of a pipeline, and what was seen of it."""

    def __init__(self, items: Iterable[Any] = range(12)):
        self.items = items
        self.taken = 0
        self.begun: list[Any] = []
        self.ended: list[Any] = []
        self.most_ahead = 0  # readings taken and not begun: those in the queue, and one in hand
        self.most_at_once = 0
        self.seconds = 0.0
        self.tasks_left = 0
        self.log = ""

    async def run(self, run_pipeline: Any, consumers: int = 3, maxsize: int = 2) -> "Station":
        """Run the pipeline once; `TimeoutError` when it does not come to its end."""
        loop = asyncio.get_running_loop()
        start, before = loop.time(), asyncio.all_tasks()
        log = StringIO()
        with redirect_stdout(log), patch("time.sleep", blocked):
            async with asyncio.timeout(LIMIT):
                bounds = {"consumers": consumers, "maxsize": maxsize}
                await run_pipeline(self.readings(), self.archive, **bounds)
        self.seconds = loop.time() - start
        await asyncio.sleep(0)  # for tasks that were cancelled just now
        self.tasks_left = len(asyncio.all_tasks() - before)
        self.log = log.getvalue()
        return self

    def readings(self) -> Iterator[Any]:
        for reading in self.items:
            self.taken += 1
            yield reading

    async def archive(self, reading: Any) -> None:
        self.begun.append(reading)
        self.most_at_once = max(self.most_at_once, len(self.begun) - len(self.ended))
        await asyncio.sleep(WORK / 2)  # by now everybody else has settled, too
        self.most_ahead = max(self.most_ahead, self.taken - len(self.begun))
        await asyncio.sleep(WORK / 2)
        self.ended.append(reading)

    @property
    def puts(self) -> list[tuple[str, int]]:
        """The items and sizes that were logged."""
        return [(item, int(size)) for item, size in PUT.findall(self.log)]


def blocked(seconds: float) -> None:
    """Stands in for `time.sleep`."""
    raise AssertionError(f"time.sleep({seconds}) stops the event loop")


def sizes_are_true(sizes: Sequence[int], maxsize: int) -> bool:
    """Could these be the sizes after each put? The first finds the queue empty, then it fills up."""
    return sizes[0] in (0, 1) and max(sizes) == maxsize and min(sizes) >= 0
