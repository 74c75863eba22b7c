# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio
from contextlib import ExitStack


class TransientError(Exception):
    pass


async def consumer(name: str, q: asyncio.Queue, process_item, stats: dict[str, int], *, attempts: int = 4) -> None:
    while True:
        item = await q.get()
        with ExitStack() as stack:
            stack.callback(q.task_done)
            tried = 1
            while True:
                try:
                    await process_item(item)
                except TransientError:
                    if tried >= attempts:
                        stats["failed"] += 1
                        break
                else:
                    stats["consumed"] += 1
                    break
                tried += 1
                stats["retried"] += 1
