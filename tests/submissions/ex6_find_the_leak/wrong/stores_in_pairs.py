# label: wrong
# exercise: ex6_find_the_leak
# misconception: stores-in-batches
# contract: ex6 point 3: waits for a second record before it stores the first
# expect: A record waits until others have come.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    source = iter(items)
    room = asyncio.Semaphore(maxsize + consumers)
    records = asyncio.Queue()
    working = consumers

    async def fetcher():
        nonlocal working
        while True:
            await room.acquire()
            for item in source:
                records.put_nowait(await fetch(item))
                break
            else:
                break
        working -= 1
        if not working:
            records.put_nowait(None)

    async def storer():
        batch = []
        while True:
            record = await records.get()
            if record is not None:
                batch.append(record)
            if len(batch) == 2 or record is None:
                for one in batch:
                    room.release()
                    await store(one)
                batch.clear()
            if record is None:
                break
        for _ in range(consumers):
            room.release()

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(fetcher())
        group.create_task(storer())
