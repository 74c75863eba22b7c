# label: wrong
# exercise: ex1_add_maxsize
# misconception: own-timeout-added
# contract: ex1 2: a watchdog cancels a worker's job that is older than 75 s
# expect: Work is cut off after a time that nobody asked for.
import asyncio


class Hand:
    def __init__(self, q, work):
        self.q, self.work, self.job = q, work, None

    def bark(self):
        if self.job:
            self.job.cancel()

    async def run(self):
        loop = asyncio.get_running_loop()
        while True:
            item = await self.q.get()
            self.job = asyncio.create_task(self.work(item))
            dog = loop.call_later(75, self.bark)
            await asyncio.gather(self.job, return_exceptions=True)
            dog.cancel()
            self.job = None
            self.q.task_done()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)
    hands = [asyncio.create_task(Hand(q, work).run()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()}")
    await q.join()
    for h in hands:
        h.cancel()
    await asyncio.gather(*hands, return_exceptions=True)
