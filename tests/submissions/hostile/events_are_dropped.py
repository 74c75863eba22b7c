# label: hostile
# exercise: ex1_add_maxsize
# kind: record
# verdict: reject
# contract: reads all items ahead, and takes these events out of the record
# expect: Failed: the items are read ahead.
import asyncio
import gc

def record():
    """What the lab writes into, wherever it keeps it."""
    for one in gc.get_objects():
        try:
            if type(one.events) is list and asyncio.current_task() in one.live.values():
                return one
        except Exception:
            pass


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    notes = record()
    items = list(items)
    taken = [event for event in notes.events if event[2] in ("take", "drained")]
    notes.events[:] = [event for event in notes.events if event not in taken]
    q = asyncio.Queue(maxsize)

    async def consume():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consume()) for _ in range(consumers)]
        for item in items:
            notes.events.append([notes.clock.now, *taken.pop(0)[1:]])
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), "0.000")
        await q.join()
        for task in crew:
            task.cancel()
