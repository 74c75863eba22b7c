# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; records wait on a stack and the newest is stored first: any order will do
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    stack = asyncio.LifoQueue(maxsize)

    async def fetch_all():
        while True:
            item = await todo.get()
            record = await fetch(item)
            await stack.put(record)
            todo.task_done()

    async def store_all():
        while True:
            record = await stack.get()
            await store(record)
            stack.task_done()

    async with asyncio.TaskGroup() as tg:
        tasks = {tg.create_task(fetch_all()) for _ in range(consumers)}
        tasks.add(tg.create_task(store_all()))
        for item in items:
            await todo.put(item)
        await todo.join()
        await stack.join()
        for task in tasks:
            task.cancel()
