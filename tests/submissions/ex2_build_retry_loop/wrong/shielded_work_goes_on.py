# label: wrong
# exercise: ex2_build_retry_loop
# misconception: swallows-cancellation
# contract: ex2 point 4: a cancelled consumer goes on as another task
# expect: The consumer ends as cancelled, but has made a task that goes on in its place and takes the next item. Cancelled means ended.
import asyncio


class TransientError(Exception):
    pass


helpers = set()


async def work(q, process_item, stats, attempts):
    while True:
        item = await q.get()
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


async def consumer(name, q, process_item, stats, *, attempts=4):
    task = asyncio.create_task(work(q, process_item, stats, attempts))
    helpers.add(task)
    await asyncio.shield(task)
