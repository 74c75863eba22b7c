# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; plain tasks; an error goes to a future that run_pipeline awaits beside the end of the work
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


def run_pipeline(items, fetch, store, **options):
    return Run(items, fetch, store, **options)()


class Run:
    def __init__(self, items, fetch, store, consumers=3, maxsize=3):
        self.items, self.fetch, self.store = items, fetch, store
        self.consumers = consumers
        self.todo = asyncio.Queue(maxsize)
        self.records = asyncio.Queue(maxsize)

    async def produce(self):
        for item in self.items:
            await self.todo.put(item)
        await self.todo.join()
        await self.records.join()

    async def fetching(self):
        while True:
            item = await self.todo.get()
            await self.records.put(await self.fetch(item))
            self.todo.task_done()

    async def storing(self):
        while True:
            await self.store(await self.records.get())
            self.records.task_done()

    async def __call__(self):
        work = asyncio.create_task(self.produce())
        crew = [asyncio.create_task(self.fetching()) for _ in range(self.consumers)]
        crew.append(asyncio.create_task(self.storing()))
        try:
            await asyncio.wait([work, *crew], return_when=asyncio.FIRST_COMPLETED)
            for task in (work, *crew):
                if task.done():
                    task.result()
        finally:
            for task in (work, *crew):
                task.cancel()
            await asyncio.gather(work, *crew, return_exceptions=True)
