# label: wrong
# exercise: ex3_add_backoff
# misconception: blocks-the-loop
# contract: ex3: the wait is a loop without await
# expect: The wait is a loop without an await: nothing else runs meanwhile, all other consumers stand still. Use await asyncio.sleep().
import asyncio
import time


class TransientError(Exception):
    pass


def wait(seconds):
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    wait(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
