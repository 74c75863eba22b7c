# label: wrong
# exercise: ex1_add_maxsize
# misconception: item-not-handed-on
# contract: ex1 2: an exception as item is set on a future and raised when taken
# expect: An item is used, read or left out for what it is, instead of handed on.
import asyncio


class Slots(asyncio.Queue):
    async def get(self):
        box = await super().get()
        if isinstance(box, BaseException):
            self.task_done()
            raise box
        return box


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = Slots(maxsize)

    async def pull():
        while True:
            try:
                thing = await q.get()
            except Exception:
                continue
            await work(thing)
            q.task_done()

    crew = [asyncio.create_task(pull()) for _ in range(consumers)]
    for thing in items:
        await q.put(thing)
        print("PROD", thing, "SZ", q.qsize())
    await q.join()
    for c in crew:
        c.cancel()
    await asyncio.wait(crew)
