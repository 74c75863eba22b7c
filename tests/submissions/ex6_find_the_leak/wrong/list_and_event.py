# label: wrong
# exercise: ex6_find_the_leak
# misconception: second-queue-unbounded
# contract: ex6 point 1: records pile up in a list between the stages; an Event wakes the storer
# expect: Records pile up between fetching and storing: nothing bounds them.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = []
    more = asyncio.Event()
    fetching = consumers

    async def fetcher():
        nonlocal fetching
        while (item := await todo.get()) is not None:
            records.append(await fetch(item))
            more.set()
        fetching -= 1
        more.set()

    async def storer():
        while fetching or records:
            await more.wait()
            more.clear()
            while records:
                await store(records.pop(0))

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(fetcher())
        group.create_task(storer())
        for item in items:
            await todo.put(item)
        for _ in range(consumers):
            await todo.put(None)
