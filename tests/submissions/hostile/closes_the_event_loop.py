# label: hostile
# exercise: ex3_add_backoff
# kind: tampering
# verdict: reject
# contract: stops and closes the loop that it runs on
# expect: Failed: your consumer stops the event loop.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        loop = asyncio.get_running_loop()
        loop.stop()
        loop.call_soon(loop.close)
        q.task_done()
