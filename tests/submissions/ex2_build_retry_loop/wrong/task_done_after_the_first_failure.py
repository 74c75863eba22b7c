# label: wrong
# exercise: ex2_build_retry_loop
# misconception: task-done-too-early
# contract: ex2 point 3: task_done() before the retries
# expect: An item that fails once is marked as done before its retries: join() may return while it is still being tried.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        try:
            await process_item(item)
            stats["consumed"] += 1
        except TransientError:
            failed = True
        else:
            failed = False
        finally:
            q.task_done()
        if not failed:
            continue
        for _ in range(attempts - 1):
            stats["retried"] += 1
            try:
                await process_item(item)
            except TransientError:
                continue
            stats["consumed"] += 1
            break
        else:
            stats["failed"] += 1
