# label: wrong
# exercise: ex16_ship_it
# misconception: refusal-gives-to-the-budget
# contract: ex16 point 4: a refusal gives refund back, as a success does
# expect: Only a call that succeeds gives refund back.
import asyncio
import itertools
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next, `retry_after` seconds from now or later."""

    def __init__(self, *args: object, retry_after: float = 0.0) -> None:
        super().__init__(*args)
        self.retry_after = retry_after


class PermanentError(Exception):
    """The carrier refuses this parcel, and will refuse it again."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


def power(backoff: float, exponent: int) -> float:
    """Return backoff ** exponent, which may be more than a float can hold."""
    try:
        return float(backoff) ** exponent
    except OverflowError:
        return float("inf")


async def run_service(
    items: Iterable[Any],
    call: Callable[..., Awaitable[Any]],
    stop: asyncio.Event,
    dead_letters: asyncio.Queue[Any],
    *,
    consumers: int = 5,
    maxsize: int = 5,
    attempts: int = 6,
    delay: float = 0.05,
    backoff: float = 2.0,
    jitter: float = 0.25,
    max_delay: float = 1.0,
    timeout: float = 0.5,
    budget: float = 20.0,
    refund: float = 0.2,
    grace: float = 1.0,
) -> dict[str, Any]:
    """Settle `items` until all are settled or `stop` is set; return the counts and what is left."""
    start = time.perf_counter()
    counts = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0}
    unsettled: dict[int, Any] = {}  # by the number of the item, which is its place in `items`
    numbers = itertools.count()
    left = budget
    source, exhausted = iter(items), False

    async def settle(name: str, item: Any) -> None:
        """Call until the item has succeeded, or until it is in dead_letters."""
        nonlocal left
        key = str(uuid.uuid4())
        for n in itertools.count(1):
            try:
                async with asyncio.timeout(timeout):
                    await call(item, key=key)
            except PermanentError as error:
                left = min(budget, left + refund)  # it has answered: it is up
                letter, outcome = (item, n, error), "rejected"
                break
            except (TransientError, TimeoutError, ConnectionError) as error:
                left = max(0.0, left - 1)
                if n >= attempts or left <= budget / 2:
                    letter, outcome = (item, n, error), "failed"
                    break
                clean = min(max_delay, delay * power(backoff, n - 1)) if delay else 0.0
                clean = max(clean, getattr(error, "retry_after", 0.0))
                pause = clean + random.uniform(0, clean * jitter)
                counts["retried"] += 1
                log(start, name, "RETRY", item, n, f"{pause:.3f}")
                await asyncio.sleep(pause)
            else:
                left = min(budget, left + refund)
                counts["consumed"] += 1
                log(start, name, "OK", item)
                return
        await dead_letters.put(letter)
        counts[outcome] += 1
        log(start, name, outcome.upper(), item)

    async def consumer(name: str) -> None:
        """Take one item after the other, until there are no more or the stop is set."""
        nonlocal exhausted
        while not exhausted and not stop.is_set():
            try:
                item = next(source)
            except StopIteration:
                exhausted = True
                return
            number = next(numbers)
            unsettled[number] = item
            if stop.is_set():  # it was set while we took it
                return
            await settle(name, item)
            del unsettled[number]
            await asyncio.sleep(0)

    crew = [asyncio.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
    bell = asyncio.create_task(stop.wait())
    pending: set[asyncio.Task[Any]] = set(crew)
    try:
        while pending and not bell.done():
            done, _ = await asyncio.wait({*pending, bell}, return_when=asyncio.FIRST_COMPLETED)
            pending -= done
            for task in done:
                task.result()
        if pending:
            done, _ = await asyncio.wait(
                pending, timeout=grace, return_when=asyncio.FIRST_EXCEPTION
            )
            for task in done:
                task.result()
    finally:
        for task in (*crew, bell):
            task.cancel()
        await asyncio.gather(*crew, bell, return_exceptions=True)
    for task in crew:
        if not task.cancelled():
            task.result()
    return {**counts, "unfinished": list(unsettled.values())}
