# label: right
# exercise: ex5_fix_task_done
# contract: keeps every point; the first error leaves the group bare
# expect: Passed: every item is marked as done once, the pipeline ends by itself, and errors surface.
import asyncio
import random
import time

T0 = time.perf_counter()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        result = "FAIL"
        for retry in range(attempts):
            if retry:
                d = delay * backoff ** (retry - 1)
                stats["retried"] += 1
                await asyncio.sleep(d + random.uniform(0, d * jitter))
            try:
                await process_item(item)
            except TransientError:
                print(f"{name} failed {item}")
            else:
                result = "OK"
                break
        stats["consumed" if result == "OK" else "failed"] += 1
        print(f"{name} {result} {item} {time.perf_counter() - T0:.3f}")
        q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize=maxsize)
    try:
        async with asyncio.TaskGroup() as tg:
            crew = [tg.create_task(consumer(f"C{n}", q, process_item, stats, attempts=attempts, delay=delay,
                                            backoff=backoff, jitter=jitter)) for n in range(1, consumers + 1)]
            for item in items:
                await q.put(item)
                print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
            await q.join()
            for c in crew:
                c.cancel()
    except BaseExceptionGroup as group:
        raise group.exceptions[0]
    return stats
