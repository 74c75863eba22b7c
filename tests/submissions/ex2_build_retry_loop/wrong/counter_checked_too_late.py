# label: wrong
# exercise: ex2_build_retry_loop
# misconception: one-try-too-many
# contract: ex2 point 1: one try too many, because the count is compared before it is raised
# expect: An item is tried attempts + 1 times: failures is compared with attempts before the failure is counted.
import asyncio
import time

T0 = time.perf_counter()


class TransientError(Exception):
    """Try again."""


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        failures = 0
        while True:
            try:
                await process_item(item)
                stats["consumed"] += 1
                print(f"{name} OK {item} {time.perf_counter() - T0:.3f}")
                break
            except TransientError:
                if failures >= attempts:
                    stats["failed"] += 1
                    print(f"{name} FAIL {item} {time.perf_counter() - T0:.3f}")
                    break
                failures += 1
                stats["retried"] += 1
        q.task_done()
