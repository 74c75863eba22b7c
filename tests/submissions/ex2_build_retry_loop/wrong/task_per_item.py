# label: wrong
# exercise: ex2_build_retry_loop
# misconception: work-runs-beside-the-consumer
# contract: ex2 point 5: one consumer works on many items at once
# expect: The consumer hands every item to a new task and takes the next one at once: it should hold one item at a time.
import asyncio


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    running = set()

    async def handle(item):
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

    while True:
        item = await q.get()
        task = asyncio.create_task(handle(item))
        running.add(task)
        task.add_done_callback(running.discard)
