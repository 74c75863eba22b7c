# label: wrong
# exercise: ex2_build_retry_loop
# misconception: swallows-other-errors
# contract: ex2 point 4: a ValueError of process_item is swallowed
# expect: `except ValueError: pass` was meant for task_done(), but it also hides a ValueError of process_item.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        try:
            for attempt in range(1, attempts + 1):
                try:
                    await process_item(item)
                except TransientError:
                    if attempt < attempts:
                        stats["retried"] += 1
                else:
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
            q.task_done()
        except ValueError:
            pass                    # task_done() called too many times
