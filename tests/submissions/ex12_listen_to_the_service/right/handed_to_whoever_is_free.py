# label: right
# exercise: ex12_listen_to_the_service
# contract: who took an item is not who settles it: a refused one is parked, and the next free consumer takes it
# expect: Passes.
import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


class TooManyRequests(TransientError):
    """Asked too often: the item may be tried again in `retry_after` seconds, and no sooner."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"429 too many requests, retry after {retry_after:g} s")
        self.retry_after = retry_after


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


class Parcel:
    """An item on its way, and the number of tries it has had."""

    def __init__(self, item: Any) -> None:
        self.item = item
        self.tries = 0


class Office:
    """What the consumers share: new parcels in q, parcels to be tried again, and the pace."""

    def __init__(self, rate: int, q: asyncio.Queue[Any]) -> None:
        self.gap = 1 / rate
        self.q = q
        self.again: deque[Parcel] = deque()
        self.news = asyncio.Condition()
        self.gate = asyncio.Lock()
        self.next_begin = 0.0

    async def fetch(self) -> Parcel:
        async with self.news:
            await self.news.wait_for(lambda: self.again or not self.q.empty())
            return self.again.popleft() if self.again else Parcel(self.q.get_nowait())

    async def bring_back(self, parcel: Parcel, pause: float) -> None:
        await asyncio.sleep(pause)
        async with self.news:
            self.again.append(parcel)
            self.news.notify()

    async def my_turn(self) -> None:
        async with self.gate:
            wait = self.next_begin - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            self.next_begin = time.monotonic() + self.gap


async def consumer(
    name: str,
    office: Office,
    group: asyncio.TaskGroup,
    room: asyncio.Semaphore,
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    *,
    attempts: int,
    delay: float,
    backoff: float,
    jitter: float,
) -> None:
    """Try one parcel after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        parcel = await office.fetch()
        await office.my_turn()
        parcel.tries += 1
        try:
            await process_item(parcel.item)
        except TransientError as error:
            if parcel.tries < attempts:
                pause = delay * backoff ** (parcel.tries - 1)
                pause += random.uniform(0, pause * jitter)
                if isinstance(error, TooManyRequests):
                    pause = max(pause, error.retry_after)
                stats["retried"] += 1
                log(start, name, "RETRY", parcel.item, parcel.tries, f"{pause:.3f}")
                group.create_task(office.bring_back(parcel, pause))
                continue
            stats["failed"] += 1
            log(start, name, "FAIL", parcel.item)
        else:
            stats["consumed"] += 1
            log(start, name, "OK", parcel.item)
        office.q.task_done()
        room.release()


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    *,
    rate: int = 10,
    consumers: int = 5,
    maxsize: int = 5,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict[str, int]:
    """Settle all `items`, and return the stats."""
    start = time.perf_counter()
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q: asyncio.Queue[Any] = asyncio.Queue()
    office = Office(rate, q)
    room = asyncio.Semaphore(maxsize + consumers)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}", office, group, room, process_item, stats,
                    attempts=attempts, delay=delay, backoff=backoff, jitter=jitter,
                )
            )
            for n in range(1, consumers + 1)
        ]
        for item in items:
            await room.acquire()
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
            async with office.news:
                office.news.notify()
        await q.join()
        for task in crew:
            task.cancel()
    return stats
