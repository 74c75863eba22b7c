# label: wrong
# exercise: ex6_find_the_leak
# misconception: error-hangs-pipeline
# contract: ex6 point 5: an error that is no Exception but a BaseException ends a consumer unseen
# expect: An error of an unusual class hangs the pipeline.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo = asyncio.Queue(maxsize)
    records = asyncio.Queue(maxsize)
    failed = asyncio.get_running_loop().create_future()

    async def guarded(work):
        try:
            await work
        except Exception as error:
            if not failed.done():
                failed.set_exception(error)

    async def fetcher():
        while True:
            item = await todo.get()
            await records.put(await fetch(item))
            todo.task_done()

    async def storer():
        while True:
            await store(await records.get())
            records.task_done()

    async def whole():
        for item in items:
            await todo.put(item)
        await todo.join()
        await records.join()
        if not failed.done():
            failed.set_result(None)

    tasks = [asyncio.create_task(guarded(fetcher())) for _ in range(consumers)]
    tasks += [asyncio.create_task(guarded(storer())), asyncio.create_task(guarded(whole()))]
    try:
        await failed
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
