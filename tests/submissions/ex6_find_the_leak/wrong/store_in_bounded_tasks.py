# label: wrong
# exercise: ex6_find_the_leak
# misconception: stores-overlap
# contract: ex6 point 2: each record is stored in a task of its own, bounded by a semaphore of maxsize
# expect: Two records are stored at the same time.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    slots = asyncio.Semaphore(maxsize)

    async def save(record):
        await store(record)
        slots.release()

    async def fetcher(group):
        while True:
            item = await todo.get()
            record = await fetch(item)
            await slots.acquire()
            group.create_task(save(record))
            todo.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(fetcher(group)) for _ in range(consumers)]
        for item in items:
            await todo.put(item)
        await todo.join()
        for task in crew:
            task.cancel()
