# label: wrong
# exercise: ex2_build_retry_loop
# misconception: consumed-counts-failures
# contract: ex2 point 2: consumed is raised in the finally, whatever happened
# expect: An item that was given up counts as failed and as consumed: the finally runs on both ways.
import asyncio
import time

T0 = time.perf_counter()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        try:
            tried = 0
            while True:
                tried += 1
                try:
                    await process_item(item)
                    break
                except TransientError:
                    if tried >= attempts:
                        stats["failed"] += 1
                        break
                    stats["retried"] += 1
        finally:
            stats["consumed"] += 1
            print(f"{name} OK {item} {time.perf_counter() - T0:.3f}")
            q.task_done()
