# label: hostile
# exercise: ex1_add_maxsize
# kind: queue
# verdict: reject
# contract: a queue without bound that says it has no number, and a small one to be looked at
# expect: Failed: the items are read ahead.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    shown, hidden = asyncio.Queue(maxsize), asyncio.Queue()
    vars(hidden).update(_lab_number=0, _lab_run=0)

    async def consume():
        while True:
            item = await hidden.get()
            await work(item)
            hidden.task_done()

    crew = [asyncio.create_task(consume()) for _ in range(consumers)]
    for item in items:
        hidden.put_nowait(item)
        print("PROD", item, "SZ", min(hidden.qsize(), shown.maxsize), "0.000")
    await hidden.join()
    for task in crew:
        task.cancel()
