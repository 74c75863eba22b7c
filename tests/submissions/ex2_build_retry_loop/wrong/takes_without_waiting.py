# label: wrong
# exercise: ex2_build_retry_loop
# misconception: get-nowait-on-empty-queue
# contract: ex2 point 1: an empty queue is not the end, the consumer waits for the next item
# expect: QueueEmpty ends the consumer as soon as the queue is empty: get_nowait() never waits, `await q.get()` does.
import asyncio


class TransientError(Exception):
    pass



async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = q.get_nowait()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                else:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        q.task_done()
