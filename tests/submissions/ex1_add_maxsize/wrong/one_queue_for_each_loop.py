# label: wrong
# exercise: ex1_add_maxsize
# misconception: state-shared-between-runs
# contract: ex1 2 / table: one queue per event loop in a module dict, shared by two runs at the same time
# expect: Something is carried from one run into the next.
import asyncio
import weakref

_queues = weakref.WeakKeyDictionary()


def get_queue(maxsize):
    loop = asyncio.get_running_loop()
    if loop not in _queues:
        _queues[loop] = asyncio.Queue(maxsize)
    return _queues[loop]


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = get_queue(maxsize)

    async def take():
        while True:
            x = await q.get()
            await work(x)
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(take()) for _ in range(consumers)]
        for x in items:
            await q.put(x)
            print("PROD", x, "SZ", q.qsize())
        await q.join()
        for c in crew:
            c.cancel()
