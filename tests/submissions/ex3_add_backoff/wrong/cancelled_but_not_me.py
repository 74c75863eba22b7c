# label: wrong
# exercise: ex3_add_backoff
# misconception: swallows-cancellation
# contract: ex3: 4: a CancelledError that process_item raises by itself (the consumer was not cancelled) is taken for transient and retried; shows when something that process_item awaits was cancelled
# expect: CancelledError is swallowed, counted or retried.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0):
    me = asyncio.current_task()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except (TransientError, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and me.cancelling():
                    raise  # it is me who is to stop
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
