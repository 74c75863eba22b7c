# label: hostile
# exercise: ex4_add_jitter
# kind: accident
# verdict: reject
# contract: a syntax error
# expect: SyntaxError in line 15: a colon is missing at the end of the line.
import asyncio
import random


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True
        item = await q.get()
        q.task_done()
