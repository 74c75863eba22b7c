# label: wrong
# exercise: ex2_build_retry_loop
# misconception: stats-not-counted
# contract: ex2 point 2: an item that is given up is not counted
# expect: An item that is given up is printed but not counted: failed stays at 0.
import asyncio
import time

T0 = time.perf_counter()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    print(f"{name} RETRY {item} {attempt} 0.000 {time.perf_counter() - T0:.3f}")
                else:
                    print(f"{name} FAIL {item} {time.perf_counter() - T0:.3f}")
            else:
                stats["consumed"] += 1
                print(f"{name} OK {item} {time.perf_counter() - T0:.3f}")
                break
        q.task_done()
