# label: wrong
# exercise: ex2_build_retry_loop
# misconception: equal-items-merged
# contract: ex2 point 1: two equal items share their tries
# expect: Two equal items share one count of tries: the second gets fewer. Count in a local variable, per item taken.
import asyncio
from collections import defaultdict


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    failures = defaultdict(int)
    while True:
        item = await q.get()
        while failures[item] < attempts:
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                failures[item] += 1
                if failures[item] < attempts:
                    stats["retried"] += 1
        else:
            stats["failed"] += 1
        q.task_done()
