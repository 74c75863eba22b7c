# label: wrong
# exercise: ex6_find_the_leak
# misconception: state-shared-between-runs
# contract: ex6 point 2: a count at the top of the module is not set back, and the next run believes that it is finished
# expect: The second run is not like the first.
import asyncio

stored = 0


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)
    taken = 0
    ended = asyncio.Event()
    drained = False

    async def fetcher():
        while True:
            await records.put(await fetch(await todo.get()))

    async def storer():
        global stored
        while True:
            await store(await records.get())
            stored += 1
            if drained and stored >= taken:
                ended.set()

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetcher()) for _ in range(consumers)]
        tasks.append(group.create_task(storer()))
        for item in items:
            taken += 1
            await todo.put(item)
        drained = True
        if stored < taken:
            await ended.wait()
        for task in tasks:
            task.cancel()
