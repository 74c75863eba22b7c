# label: wrong
# exercise: ex2_build_retry_loop
# misconception: swallows-cancellation
# contract: ex2: 4: asks task.cancelling() and takes a CancelledError that process_item raises by itself (a future it awaited was cancelled) for transient; shows only then
# expect: CancelledError is swallowed, counted or retried.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4):
    me = asyncio.current_task()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except (TransientError, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and me.cancelling():
                    raise  # it is us who are to stop
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
