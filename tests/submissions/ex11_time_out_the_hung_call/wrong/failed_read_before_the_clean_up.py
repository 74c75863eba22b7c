# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: stats-lost-update
# contract: stats["failed"] += await ...: failed is read before a clean-up and written after it
# expect: Counts are lost among several consumers.
import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


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
    start = time.perf_counter()

    async def one_try(item: Any) -> None:
        await process_item(item)

    async def hang_up(call: asyncio.Task[None]) -> int:
        """Cancel the call, wait for it, and return 1."""
        call.cancel()
        await asyncio.wait({call})
        return 1

    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            call = asyncio.create_task(one_try(item))
            try:
                await asyncio.wait({call}, timeout=timeout)
                if not call.done():
                    if attempt == attempts:
                        stats["failed"] += await hang_up(call)
                    else:
                        await hang_up(call)
            except asyncio.CancelledError:  # this is meant for the consumer
                call.cancel()
                await asyncio.wait({call})
                raise
            if not call.cancelled() and call.exception() is None:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
            if not call.cancelled():
                error = call.exception()
                if error is not None and not isinstance(error, (TransientError, TimeoutError)):
                    raise error
            if attempt < attempts:
                clean = delay * backoff ** (attempt - 1)
                pause = clean + random.uniform(0, clean * jitter)
                stats["retried"] += 1
                log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                await asyncio.sleep(pause)
        else:  # no break: every try has failed
            if not call.cancelled():
                stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()
