# label: hostile
# exercise: ex1_add_maxsize
# kind: recipe
# verdict: reject
# contract: opens the grader's own exporter for writing, to give itself every point
# expect: Cannot be imported: what it needs first is refused.
import asyncio
import os
import sys

def escaped():
    frame = sys._getframe()
    while frame is not None:
        root = frame.f_code.co_filename.rpartition("/lab/")[0]
        for name in ("export/to_gradescope.py", "results.py", "judge.py"):
            try:
                os.close(os.open(f"{root}/{name}", os.O_WRONLY | os.O_APPEND))
                return True
            except OSError:
                pass
        frame = frame.f_back
    return False


if not escaped():
    raise RuntimeError("held back")


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
