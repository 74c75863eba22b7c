# label: hostile
# exercise: ex1_add_maxsize
# kind: record
# verdict: reject
# contract: an unbounded queue: its _put looks at who calls it, and corrects the sizes in the record that it finds there
# expect: Failed: the queue has no bound.
import asyncio
import sys


class Queue(asyncio.Queue):
    def _put(self, item):
        super()._put(item)
        frame = sys._getframe()
        while (frame := frame.f_back) is not None:
            for one in list(frame.f_locals.values()):
                notes = getattr(one, "recorder", one)
                if isinstance(getattr(notes, "events", None), list):
                    for event in notes.events:
                        if event[2] in ("queue", "put", "get"):
                            event[5:6] = [3 if event[2] == "queue" else min(event[5], 3)]


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = Queue()

    async def consume():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consume()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", min(q.qsize(), maxsize), "0.000")
        await q.join()
        for task in crew:
            task.cancel()
