# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: reject
# contract: awaits something that never comes
# expect: Your consumer waits for an event that nobody sets.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    ready = asyncio.Event()
    await ready.wait()
