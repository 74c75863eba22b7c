# label: hostile
# exercise: ex1_add_maxsize
# kind: record
# verdict: reject
# contract: an unbounded queue, whose sizes are corrected in the record
# expect: Failed: the queue has no bound.
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
    q = asyncio.Queue()

    async def consume():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consume()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            for event in notes.events:
                if event[2] in ("queue", "put", "get") and len(event) > 5:
                    event[5] = min(event[5], maxsize)
            print("PROD", item, "SZ", min(q.qsize(), maxsize), "0.000")
        await q.join()
        for task in crew:
            task.cancel()
