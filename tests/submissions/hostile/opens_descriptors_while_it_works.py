# label: hostile
# exercise: ex3_add_backoff
# kind: exhaustion
# verdict: reject
# contract: opens a file anew for each item and closes none
# expect: OSError: too many open files, from your consumer.
import asyncio
import os

kept = []


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        for _ in range(500):
            kept.append(os.open(os.devnull, os.O_RDONLY))
        q.task_done()
