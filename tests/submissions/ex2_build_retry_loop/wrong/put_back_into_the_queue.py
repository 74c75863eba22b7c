# label: wrong
# exercise: ex2_build_retry_loop
# misconception: item-put-back
# contract: ex2 point 5: a failed item goes back into the queue
# expect: A failed item goes back into the queue, behind all others, and any consumer may take it: retries stay with the consumer that holds the item.
import asyncio


class TransientError(Exception):
    pass


class Retry:
    def __init__(self, item, tried):
        self.item, self.tried = item, tried


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        job = await q.get()
        if not isinstance(job, Retry):
            job = Retry(job, 0)
        job.tried += 1
        try:
            await process_item(job.item)
        except TransientError:
            if job.tried < attempts:
                stats["retried"] += 1
                await q.put(job)
            else:
                stats["failed"] += 1
        else:
            stats["consumed"] += 1
        finally:
            q.task_done()
