# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio
from collections import Counter


class TransientError(TimeoutError):
    """A timeout of ours; the built-in TimeoutError is somebody else's."""


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        counts = Counter()
        try:
            for number in range(attempts):
                counts["retried"] += number > 0
                try:
                    await process_item(item)
                except TransientError:
                    continue
                counts["consumed"] = 1
                break
            else:
                counts["failed"] = 1
        finally:
            for key, value in counts.items():
                stats[key] += value
        q.task_done()
