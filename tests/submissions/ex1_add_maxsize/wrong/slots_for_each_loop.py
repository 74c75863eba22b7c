# label: wrong
# exercise: ex1_add_maxsize
# misconception: state-shared-between-runs
# contract: ex1 4 / table "two at the same time": one module semaphore, made by the first run, bounds both runs together
# expect: Something is carried from one run into the next.
import asyncio

_slots = {}


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    loop = asyncio.get_running_loop()
    slots = _slots.setdefault(loop, asyncio.Semaphore(consumers))
    q = asyncio.Queue(maxsize)

    async def hand():
        while True:
            item = await q.get()
            async with slots:
                await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        hands = [tg.create_task(hand()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()}")
        await q.join()
        for h in hands:
            h.cancel()
