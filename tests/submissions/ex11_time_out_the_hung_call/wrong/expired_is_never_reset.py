# label: wrong
# exercise: ex11_time_out_the_hung_call
# misconception: cancellation-taken-for-timeout
# contract: ex11 point 3: a cancellation after a try that was timed out is taken for a timeout
# expect: The cancellation is taken for a timeout.
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
    loop = asyncio.get_running_loop()
    me = asyncio.current_task()
    assert me is not None
    expired = False

    def expire() -> None:
        nonlocal expired
        expired = True
        me.cancel()

    while True:
        item = await q.get()
        expired = False
        for attempt in range(1, attempts + 1):
            timer = loop.call_later(timeout, expire)
            try:
                await process_item(item)
            except (TransientError, TimeoutError, asyncio.CancelledError) as error:
                timer.cancel()
                if isinstance(error, asyncio.CancelledError):
                    if not expired or me.uncancel() > 0:  # it is meant for the consumer
                        raise
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    pause = clean + random.uniform(0, clean * jitter)
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
            finally:
                timer.cancel()
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()
