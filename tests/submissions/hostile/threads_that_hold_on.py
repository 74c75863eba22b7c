# label: hostile
# exercise: ex1_add_maxsize
# kind: threads
# verdict: either
# contract: leaves threads that hold the interpreter at its end, and its import lock
# expect: Passed, or a clear message about threads.
import asyncio
import importlib
import threading

def hold():
    with lock:
        threading.Event().wait()


lock = importlib._bootstrap._ModuleLock("json") if hasattr(importlib._bootstrap, "_ModuleLock") else threading.Lock()
for _ in range(20):
    threading.Thread(target=hold).start()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize)

    async def consume():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consume()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), "0.000")
        await q.join()
        for task in crew:
            task.cancel()
