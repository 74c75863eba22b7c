# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; queues without a bound, and one semaphore of 2 * maxsize + consumers + 2 places, taken before the item
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    places = asyncio.Semaphore(2 * maxsize + consumers + 2)
    todo, records = asyncio.Queue(), asyncio.Queue()

    async def produce():
        source = iter(items)
        while True:
            await places.acquire()
            try:
                item = next(source)
            except StopIteration:
                return
            todo.put_nowait(item)

    async def fetcher():
        while True:
            records.put_nowait(await fetch(await todo.get()))
            todo.task_done()

    async def storer():
        while True:
            await store(await records.get())
            places.release()
            records.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(fetcher()) for _ in range(consumers)]
        crew.append(group.create_task(storer()))
        await produce()
        await todo.join()
        await records.join()
        for task in crew:
            task.cancel()
