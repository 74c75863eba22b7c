# label: right
# exercise: ex3_add_backoff
# contract: keeps every point; each item is settled in a child task that the consumer awaits
# expect: Passed: each retry waits longer, each item starts again at delay, and nobody else is held up.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    async def settle(item):
        for k in range(attempts):
            try:
                await process_item(item)
            except TransientError:
                if k < attempts - 1:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** k)
            else:
                stats["consumed"] += 1
                return
        stats["failed"] += 1

    while True:
        item = await q.get()
        await asyncio.create_task(settle(item), name=f"{name}: {item}")
        q.task_done()
