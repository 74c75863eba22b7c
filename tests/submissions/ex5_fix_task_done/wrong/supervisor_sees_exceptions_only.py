# label: wrong
# exercise: ex5_fix_task_done
# misconception: error-hangs-pipeline
# contract: ex5: an error that is not transient surfaces, and never hangs it
# expect: An error that is no Exception kills consumers unseen, and the pipeline hangs.
import asyncio
import random
import time
from collections import Counter
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start, *fields):
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


async def consumer(
    name,
    q,
    process_item,
    stats,
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
            except TransientError:
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
        else:
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()

async def run_pipeline(
    items,
    process_item,
    *,
    consumers: int = 3,
    maxsize: int = 3,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict:
    options = {"attempts": attempts, "delay": delay, "backoff": backoff, "jitter": jitter}
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    failure = asyncio.get_running_loop().create_future()

    async def guarded(n):
        try:
            await consumer(f"C{n}", q, process_item, stats, **options)
        except Exception as exc:
            if not failure.done():
                failure.set_exception(exc)

    async def feed():
        for item in items:
            await q.put(item)
        await q.join()

    crew = [asyncio.create_task(guarded(n)) for n in range(1, consumers + 1)]
    feeder = asyncio.create_task(feed())
    try:
        await asyncio.wait([feeder, failure], return_when=asyncio.FIRST_COMPLETED)
        if failure.done():
            failure.result()
        feeder.result()
    finally:
        for task in (feeder, *crew):
            task.cancel()
        await asyncio.gather(feeder, *crew, return_exceptions=True)
        if failure.done():
            failure.exception()
    return stats


async def demo() -> None:
    turned_away = Counter({4: 1, 7: 4, 10: 2})

    async def send(notice: int) -> None:
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if turned_away[notice] > 0:
            turned_away[notice] -= 1
            raise TransientError(f"notice {notice}: mail server busy")

    try:
        async with asyncio.timeout(5):
            print(await run_pipeline(range(1, 13), send))
    except TimeoutError:
        print("still waiting")


if __name__ == "__main__":
    asyncio.run(demo())
