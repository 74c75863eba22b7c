# label: hostile
# exercise: ex2_build_retry_loop
# kind: tampering
# verdict: reject
# contract: replaces asyncio.run and Runner.run by functions that run nothing
# expect: Failed: your consumer does nothing with its items.
import asyncio


def run_nothing(*args, **kwargs):
    for thing in args:
        if hasattr(thing, "close"):
            thing.close()


asyncio.run = run_nothing
asyncio.Runner.run = run_nothing
asyncio.base_events.BaseEventLoop.run_until_complete = run_nothing

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        q.task_done()
