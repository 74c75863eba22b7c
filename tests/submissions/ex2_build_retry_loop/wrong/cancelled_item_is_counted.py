# label: wrong
# exercise: ex2_build_retry_loop
# misconception: counts-unsettled-item
# contract: ex2 point 4: a cancelled item is counted as failed on its way out
# expect: An item that was interrupted by the cancellation is counted as failed: it was not given up on, CancelledError is not counted.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        outcome = "failed"
        try:
            for attempt in range(attempts):
                if attempt:
                    stats["retried"] += 1
                try:
                    await process_item(item)
                    outcome = "consumed"
                    break
                except TransientError:
                    continue
        finally:
            stats[outcome] += 1
            q.task_done()
