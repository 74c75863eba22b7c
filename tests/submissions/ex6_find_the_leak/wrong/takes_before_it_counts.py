# label: wrong
# exercise: ex6_find_the_leak
# misconception: more-under-way-than-allowed
# contract: ex6 point 1: a place is waited for with an item in the hand already: one too many
# expect: More items are under way than allowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    places = asyncio.Semaphore(2 * maxsize + consumers + 2)
    todo, records = asyncio.Queue(), asyncio.Queue()

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
        for item in items:
            await places.acquire()
            todo.put_nowait(item)
        await todo.join()
        await records.join()
        for task in crew:
            task.cancel()
