# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; the queue carries messages, not the bare items
# expect: Passed: the queue is bounded, nothing is lost, and the log shows its true size.
from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    value: Any


@dataclass(frozen=True, slots=True)
class Closed:
    pass


async def archive_readings(inbox: asyncio.Queue[Reading | Closed], work) -> None:
    while True:
        match await inbox.get():
            case Reading(value):
                await work(value)
            case Closed():
                await inbox.put(Closed())  # pass it on to the next one
                return


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    t0 = time.monotonic()
    inbox: asyncio.Queue[Reading | Closed] = asyncio.Queue(maxsize=maxsize)
    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(archive_readings(inbox, work))
        for value in items:
            await inbox.put(Reading(value))
            print(f"PROD {value} SZ {inbox.qsize()} {time.monotonic() - t0:.3f}")
        await inbox.put(Closed())
