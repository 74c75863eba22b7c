# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; a cancelled consumer is gone at once, and its call cleans up
# expect: Passed.
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

    async def one_try(item: Any) -> BaseException | None:
        """Return the failure that may be retried, or None; raise any other."""
        try:
            await process_item(item)
        except (TransientError, TimeoutError) as error:
            return error
        return None

    while True:
        item = await q.get()
        tries = 0
        while True:
            tries += 1
            call = loop.create_task(one_try(item))
            timer = loop.call_at(loop.time() + timeout, call.cancel)
            try:
                while not call.done():
                    over = loop.create_future()
                    call.add_done_callback(
                        lambda _call, over=over: None if over.done() else over.set_result(None)
                    )
                    await over
            except asyncio.CancelledError:
                call.cancel()  # it hangs up by itself; the consumer is gone at once
                raise
            finally:
                timer.cancel()
            if not call.cancelled() and call.result() is None:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
            if tries == attempts:
                stats["failed"] += 1
                log(start, name, "FAIL", item)
                break
            d = delay * backoff ** (tries - 1)
            pause = d * (1 + jitter * random.random())
            log(start, name, "RETRY", item, tries, f"{pause:.3f}")
            await asyncio.sleep(pause)
            stats["retried"] += 1
        q.task_done()
