# label: wrong
# exercise: ex1_add_maxsize
# misconception: item-not-handed-on
# contract: ex1 2: an item that is an exception is printed and not worked on
# expect: An item is used, read or left out for what it is, instead of handed on.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def pull():
        while True:
            thing = await q.get()
            if isinstance(thing, Exception):
                print("error from the producer:", repr(thing))
            else:
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
