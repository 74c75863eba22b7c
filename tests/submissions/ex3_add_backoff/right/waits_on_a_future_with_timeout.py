# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; asyncio.wait() with a timeout is the pause
# expect: Passed: each retry waits longer, each item starts again at delay, and nobody else is held up.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    nothing = asyncio.get_running_loop().create_future()
    while True:
        item = await q.get()
        tried = 0
        outcome = None
        while outcome is None:
            tried += 1
            try:
                await process_item(item)
            except TransientError:
                if tried < attempts:
                    stats["retried"] += 1
                    await asyncio.wait([nothing], timeout=delay * backoff ** (tried - 1))
                else:
                    outcome = "failed"
            else:
                outcome = "consumed"
        stats[outcome] += 1
        q.task_done()
