# label: wrong
# exercise: ex6_find_the_leak
# misconception: store-holds-up-fetching
# contract: ex6 point 3: the consumer stores its record itself, under a lock
# expect: Nobody fetches while a record is stored.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    lock = asyncio.Lock()

    async def worker():
        while True:
            item = await todo.get()
            record = await fetch(item)
            async with lock:
                await store(record)
            todo.task_done()

    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(worker()) for _ in range(consumers)]
        for item in items:
            await todo.put(item)
        await todo.join()
        for task in workers:
            task.cancel()
