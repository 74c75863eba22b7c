# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; the items come from an async generator that marks them as done
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio
from contextlib import aclosing


class TransientError(Exception):
    pass


async def each(q):
    while True:
        yield await q.get()
        q.task_done()


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    async with aclosing(each(q)) as items:
        async for item in items:
            for last in [False] * (attempts - 1) + [True]:
                try:
                    await process_item(item)
                except TransientError:
                    stats["failed" if last else "retried"] += 1
                else:
                    stats["consumed"] += 1
                    break
