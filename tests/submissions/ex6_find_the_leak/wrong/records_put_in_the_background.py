# label: wrong
# exercise: ex6_find_the_leak
# misconception: records-wait-in-tasks
# contract: ex6 point 1: each record is put by a task of its own, so that no consumer waits
# expect: Records wait in tasks of their own.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)
    putting = set()

    async def fetcher(group):
        while True:
            item = await todo.get()
            record = await fetch(item)
            task = group.create_task(records.put(record))  # do not hold up the next fetch
            putting.add(task)
            task.add_done_callback(putting.discard)
            todo.task_done()

    async def storer():
        while True:
            await store(await records.get())
            records.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher(group)) for _ in range(consumers)]
        tasks.append(group.create_task(storer()))
        for item in items:
            await todo.put(item)
        await todo.join()
        while putting:
            await asyncio.wait(putting)
        await records.join()
        for task in tasks:
            task.cancel()
