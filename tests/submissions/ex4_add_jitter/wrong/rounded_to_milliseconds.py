# label: wrong
# exercise: ex4_add_jitter
# misconception: pause-rounded
# contract: ex4: the wait is rounded to whole milliseconds
# expect: The wait is rounded to whole milliseconds: of a window of 7.5 ms only eight values are left, and many clients share each. Round what you print only.
import asyncio
import random
import time

T0 = time.perf_counter()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    pause = round(d + random.uniform(0, d * jitter), 3)
                    stats["retried"] += 1
                    print(f"{name} RETRY {item} {attempt} {pause:.3f} {time.perf_counter() - T0:.3f}")
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
