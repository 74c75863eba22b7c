# label: wrong
# exercise: ex3_add_backoff
# misconception: work-runs-beside-the-consumer
# contract: ex2 points 4 and 5: the retries run beside the consumer, which takes the next item
# expect: After a failure the retries run in a task of their own while the consumer takes the next item: retries stay with the consumer, which holds one item at a time.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    waiting = set()

    async def try_later(item):
        for retry in range(1, attempts):
            stats["retried"] += 1
            await asyncio.sleep(delay * backoff ** (retry - 1))
            try:
                await process_item(item)
            except TransientError:
                continue
            stats["consumed"] += 1
            break
        else:
            stats["failed"] += 1
        q.task_done()

    while True:
        item = await q.get()
        try:
            await process_item(item)
        except TransientError:
            task = asyncio.create_task(try_later(item))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
        else:
            stats["consumed"] += 1
            q.task_done()
