# label: wrong
# exercise: ex7_sort_the_errors
# misconception: os-errors-retried
# contract: ex7 point 3: an OSError with some errno is retried
# expect: An OSError is retried.
import asyncio
import random
import time
import errno
from collections.abc import Awaitable, Callable
from typing import Any


class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(f"{status} {message}".strip())
        self.status = status


TRANSIENT = (408, 429, 500, 502, 503, 504)


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH)


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
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
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except (ServiceError, OSError) as error:
                if isinstance(error, ServiceError):
                    if error.status not in TRANSIENT:
                        stats["rejected"] += 1
                        log(start, name, "REJECT", item)
                        break
                elif not isinstance(error, (TimeoutError, ConnectionError)):
                    if error.errno not in UNREACHABLE:
                        raise  # no file, no permission: a bug of ours
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
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()
