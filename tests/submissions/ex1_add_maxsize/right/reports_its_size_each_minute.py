# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; a monitor task prints the size each minute and is cancelled at the end; nothing waits for it
# expect: Passed.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def monitor():
        while True:
            await asyncio.sleep(60)
            print("MONITOR", q.qsize())

    async def hand():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        hands = [tg.create_task(hand()) for _ in range(consumers)]
        hands.append(tg.create_task(monitor()))
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()}")
        await q.join()
        for h in hands:
            h.cancel()
