# label: wrong
# exercise: ex1_add_maxsize
# misconception: arguments-swapped
# contract: ex1 point 1: maxsize and consumers mixed up in the helper's call; shows whenever the two differ
# expect: Settings arrive at the consumers in wrong places.
import asyncio


async def consumer(q, work):
    while True:
        item = await q.get()
        await work(item)
        q.task_done()


def set_up(group, work, maxsize, consumers):
    q = asyncio.Queue(maxsize)
    crew = [group.create_task(consumer(q, work)) for _ in range(consumers)]
    return q, crew


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    async with asyncio.TaskGroup() as group:
        q, crew = set_up(group, work, consumers, maxsize)
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
