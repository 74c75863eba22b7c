# label: wrong
# exercise: ex6_find_the_leak
# misconception: too-few-records-wait
# contract: ex6 point 3: a record is handed over when the storer is free for it, and nothing waits in between
# expect: Fewer records wait than maxsize.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    free = asyncio.Semaphore(1)
    handed = asyncio.Queue()

    async def fetcher():
        while True:
            item = await todo.get()
            record = await fetch(item)
            await free.acquire()
            handed.put_nowait(record)
            todo.task_done()

    async def storer():
        while True:
            await store(await handed.get())
            free.release()
            handed.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher()) for _ in range(consumers)]
        tasks.append(group.create_task(storer()))
        for item in items:
            await todo.put(item)
        await todo.join()
        await handed.join()
        for task in tasks:
            task.cancel()
