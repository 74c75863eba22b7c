# label: wrong
# exercise: ex3_add_backoff
# misconception: wrong-pause
# contract: ex3: Fibonacci numbers instead of powers, never reset
# expect: Fibonacci numbers instead of powers, never reset.
import asyncio
import random


class TransientError(Exception):
    """may succeed the next time"""


fib = [1.0, 1.0]


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                fib[:] = [fib[1], sum(fib)]; await asyncio.sleep(delay * fib[1])
        q.task_done()
