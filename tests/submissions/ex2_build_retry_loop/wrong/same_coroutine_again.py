# label: wrong
# exercise: ex2_build_retry_loop
# misconception: coroutine-reused
# contract: ex2 points 1 and 4: one coroutine object is awaited for every try
# expect: The coroutine is made once and awaited again at the retry: RuntimeError, a coroutine runs only once.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        call = process_item(item)
        for attempt in range(1, attempts + 1):
            try:
                await call
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
