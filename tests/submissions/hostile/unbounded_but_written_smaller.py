# label: hostile
# exercise: ex1_add_maxsize
# kind: record
# verdict: reject
# contract: an unbounded queue, whose sizes are corrected in the record
# expect: Failed: the queue has no bound.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    record = asyncio.get_running_loop().recorder
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
            for event in record.events:
                if event[2] in ("queue", "put", "get") and len(event) > 5:
                    event[5] = min(event[5], maxsize)
            print("PROD", item, "SZ", min(q.qsize(), maxsize), "0.000")
        await q.join()
        for task in crew:
            task.cancel()
