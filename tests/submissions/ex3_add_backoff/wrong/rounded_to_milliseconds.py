# label: wrong
# exercise: ex3_add_backoff
# misconception: pause-rounded
# contract: ex3: the wait is rounded to whole milliseconds
# expect: The wait is rounded to whole milliseconds before it is slept: round what you print, not what you wait.
import asyncio
import time

T0 = time.perf_counter()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    pause = round(delay * backoff ** (attempt - 1), 3)
                    stats["retried"] += 1
                    print(f"{name} RETRY {item} {attempt} {pause} {time.perf_counter() - T0:.3f}")
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
