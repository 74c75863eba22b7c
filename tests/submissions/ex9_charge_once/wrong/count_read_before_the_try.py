# label: wrong
# exercise: ex9_charge_once
# misconception: stats-lost-update
# contract: consumed is read before a try and written after it
# expect: Counts are lost among several consumers.
import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


def new_key() -> str:
    """A key that nobody has used before, on any machine."""
    return str(uuid.uuid4())


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    charge: Callable[..., Coroutine[Any, Any, None]],
    stats: dict[str, int],
    *,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        # Once per item, outside of the loop over its tries: they all share the key, so the provider
        # knows a retry for what it is. Drawn, not made from the item: two coffees are two charges.
        key = new_key()
        for attempt in range(1, attempts + 1):
            so_far = stats["consumed"]
            try:
                await charge(item, key=key)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    pause = clean + random.uniform(0, clean * jitter)
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] = so_far + 1
                log(start, name, "OK", item)
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()
