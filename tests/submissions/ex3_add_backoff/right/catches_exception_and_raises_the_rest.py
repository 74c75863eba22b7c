# label: right
# exercise: ex3_add_backoff
# contract: keeps every point
# expect: Passed: each retry waits longer, each item starts again at delay, and nobody else is held up.
import asyncio
import time


class TransientError(Exception):
    """Comes and goes."""


def log(start, *fields):
    print(*fields, f"{time.perf_counter() - start:.3f}")


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    start = time.perf_counter()
    while True:
        item = await q.get()
        ladder = [delay * backoff ** step for step in range(attempts - 1)]
        tries = 1
        while True:
            try:
                await process_item(item)
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
            except Exception as error:
                if not isinstance(error, TransientError):
                    raise
                if not ladder:
                    stats["failed"] += 1
                    log(start, name, "FAIL", item)
                    break
            pause = ladder.pop(0)
            stats["retried"] += 1
            log(start, name, "RETRY", item, tries, f"{pause:.3f}")
            await asyncio.sleep(pause)
            tries += 1
        q.task_done()
