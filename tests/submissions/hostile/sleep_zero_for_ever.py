# label: hostile
# exercise: ex4_add_jitter
# kind: accident
# verdict: reject
# contract: an endless loop of sleep(0)
# expect: Your consumer spins with sleep(0) and never finishes its item.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    item = await q.get()
    while True:
        await asyncio.sleep(0)
