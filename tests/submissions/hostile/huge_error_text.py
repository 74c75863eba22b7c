# label: hostile
# exercise: ex3_add_backoff
# kind: message
# verdict: reject
# contract: raises an error whose text has 50 MB
# expect: Your consumer raises ValueError.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        raise ValueError("<b>" + "x" * 50_000_000)
