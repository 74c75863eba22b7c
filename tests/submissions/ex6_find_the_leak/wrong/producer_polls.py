# label: wrong
# exercise: ex6_find_the_leak
# misconception: polls-for-room
# contract: ex6 point 4: the producer looks now and then how many are under way
# expect: The producer polls.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo, records = asyncio.Queue(), asyncio.Queue()
    under_way = 0

    async def fetcher():
        while True:
            records.put_nowait(await fetch(await todo.get()))
            todo.task_done()

    async def storer():
        nonlocal under_way
        while True:
            await store(await records.get())
            under_way -= 1
            records.task_done()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher()) for _ in range(consumers)]
        tasks.append(group.create_task(storer()))
        for item in items:
            while under_way >= 2 * maxsize + consumers:
                await asyncio.sleep(0.01)
            under_way += 1
            todo.put_nowait(item)
        await todo.join()
        await records.join()
        for task in tasks:
            task.cancel()
