# label: hostile
# exercise: ex3_add_backoff
# kind: exhaustion
# verdict: reject
# contract: a regular expression that takes exponential time
# expect: Your consumer never gives the event loop a turn.
import asyncio
import re


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        re.fullmatch(r"(a|aa|a+)+$", "a" * 60 + "b")
        q.task_done()
