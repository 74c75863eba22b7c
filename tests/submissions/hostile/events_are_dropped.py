# label: hostile
# exercise: ex1_add_maxsize
# kind: record
# verdict: reject
# contract: reads all items ahead, and takes these events out of the record
# expect: Failed: the items are read ahead.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    record = asyncio.get_running_loop().recorder
    items = list(items)
    taken = [event for event in record.events if event[2] in ("take", "drained")]
    record.events[:] = [event for event in record.events if event not in taken]
    q = asyncio.Queue(maxsize)

    async def consume():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consume()) for _ in range(consumers)]
        for item in items:
            record.events.append([record.clock.now, *taken.pop(0)[1:]])
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), "0.000")
        await q.join()
        for task in crew:
            task.cancel()
