# label: wrong
# exercise: ex2_build_retry_loop
# misconception: too-few-tries
# contract: ex2 1: an item is given up on when more than four hours have gone since its first try, though tries are left
# expect: Items are given up on before attempts tries have failed.
import asyncio
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    while True:
        item = await q.get()
        began = time.monotonic()
        for n in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if n == attempts or time.monotonic() - began > 14_400:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
