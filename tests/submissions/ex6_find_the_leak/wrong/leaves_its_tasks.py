# label: wrong
# exercise: ex6_find_the_leak
# misconception: tasks-left-behind
# contract: ex6 point 2: nobody cancels the tasks
# expect: Tasks are still running when run_pipeline has returned.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    fetched = asyncio.Queue(maxsize)
    failed = asyncio.get_running_loop().create_future()

    def watch(task):
        if not task.cancelled() and task.exception() and not failed.done():
            failed.set_exception(task.exception())

    def start(work):
        task = asyncio.create_task(work)
        task.add_done_callback(watch)
        return task

    async def fetcher():
        while True:
            item = await todo.get()
            await fetched.put(await fetch(item))
            todo.task_done()

    async def storer():
        while True:
            await store(await fetched.get())
            fetched.task_done()

    async def whole():
        for item in items:
            await todo.put(item)
        await todo.join()
        await fetched.join()

    background = [start(fetcher()) for _ in range(consumers)] + [start(storer())]
    work = start(whole())
    await asyncio.wait([work, failed], return_when=asyncio.FIRST_COMPLETED)
    if failed.done():
        for task in (work, *background):
            task.cancel()
        failed.result()
