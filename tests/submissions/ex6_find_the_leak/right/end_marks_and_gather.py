# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; end marks run through both queues, gather() in a try/finally instead of a TaskGroup
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio

END = object()


async def produce(items, todo, consumers):
    for item in items:
        await todo.put(item)
    for _ in range(consumers):
        await todo.put(END)


async def fetch_all(todo, fetched, fetch):
    while (item := await todo.get()) is not END:
        await fetched.put(await fetch(item))
    await fetched.put(END)


async def store_all(fetched, store, consumers):
    ended = 0
    while ended < consumers:
        record = await fetched.get()
        if record is END:
            ended += 1
        else:
            await store(record)


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo, fetched = asyncio.Queue(maxsize), asyncio.Queue(maxsize)
    jobs = [produce(items, todo, consumers), store_all(fetched, store, consumers)]
    jobs += [fetch_all(todo, fetched, fetch) for _ in range(consumers)]
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
