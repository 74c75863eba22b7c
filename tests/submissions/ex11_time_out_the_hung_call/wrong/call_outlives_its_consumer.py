# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: call-left-running
# contract: ex11 point 3: the cancellation of the consumer is not passed on to its call
# expect: The call runs on without its consumer.
import asyncio
import enum
import functools
from dataclasses import dataclass
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


class Outcome(enum.Enum):
    """What became of a try."""

    OK = enum.auto()
    FAILED = enum.auto()


@dataclass(frozen=True)
class Modem:
    """Makes the calls of one consumer, each in a task of its own."""

    process_item: Callable[[Any], Awaitable[None]]
    timeout: float

    async def call(self, item: Any) -> Outcome:
        """Make one try, and hang up when its time is over."""

        async def ring() -> None:
            await self.process_item(item)

        line = asyncio.create_task(ring())
        await asyncio.wait({line}, timeout=self.timeout)
        if not line.done():
            line.cancel()
            await asyncio.wait({line})
            return Outcome.FAILED
        try:
            line.result()
        except (TransientError, TimeoutError):
            return Outcome.FAILED
        return Outcome.OK


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    *,
    timeout: float = 0.5,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> None:
    """Settle one item after the other, until cancelled."""
    say = functools.partial(log, time.perf_counter(), name)
    modem = Modem(process_item, timeout)
    while True:
        item = await q.get()
        failed = 0
        while (outcome := await modem.call(item)) is Outcome.FAILED and (failed := failed + 1) < attempts:
            d = delay * backoff ** (failed - 1)
            seconds = d + random.random() * d * jitter
            say("RETRY", item, failed, f"{seconds:.3f}")
            stats["retried"] += 1
            await asyncio.sleep(seconds)
        match outcome:
            case Outcome.OK:
                stats["consumed"] += 1
            case Outcome.FAILED:
                stats["failed"] += 1
        say("FAIL" if outcome is Outcome.FAILED else "OK", item)
        q.task_done()
