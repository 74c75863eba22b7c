# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; a future by hand, and the last clean-up is left to itself
# expect: Passed.
import asyncio
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


RETRYABLE = (TransientError, TimeoutError)
HANGING_UP: set[asyncio.Task[None]] = set()  # cancelled last tries that still clean up


async def first_of(call: asyncio.Task[None], seconds: float) -> bool:
    """Wait until the call has ended, or the time is over; say whether it has ended."""
    loop = asyncio.get_running_loop()
    signal: asyncio.Future[None] = loop.create_future()

    def give(_call: object = None) -> None:
        if not signal.done():
            signal.set_result(None)

    call.add_done_callback(give)
    handle = loop.call_later(seconds, give)
    try:
        await signal
    finally:
        handle.cancel()
        call.remove_done_callback(give)
    return call.done()


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

    async def ring(item: Any) -> None:
        await process_item(item)

    async def attempt(item: Any, *, last: bool) -> bool:
        call = asyncio.create_task(ring(item))
        try:
            if await first_of(call, timeout):
                if not call.cancelled() and isinstance(call.exception(), RETRYABLE):
                    return False
                call.result()
                return True
        except asyncio.CancelledError:
            call.cancel()
            raise
        call.cancel()
        if last:  # nobody waits for it: let it hang up on its own
            HANGING_UP.add(call)
            call.add_done_callback(HANGING_UP.discard)
        else:
            await asyncio.wait((call,))
        return False

    while True:
        item = await q.get()
        for k in range(1, attempts + 1):
            if await attempt(item, last=k == attempts):
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
            if k < attempts:
                d = delay * backoff ** (k - 1)
                pause = d + random.uniform(0, d * jitter)
                log(start, name, "RETRY", item, k, f"{pause:.3f}")
                await asyncio.sleep(pause)
                stats["retried"] += 1
        else:
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()
