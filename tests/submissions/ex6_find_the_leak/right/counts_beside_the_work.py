# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; a reporter of its own prints the queues' sizes now and then; nobody waits for it
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


async def report(todo, records):
    while True:
        await asyncio.sleep(1.0)
        print(f"REPORT {todo.qsize()} items, {records.qsize()} records")


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    todo: asyncio.Queue = asyncio.Queue(maxsize)
    records: asyncio.Queue = asyncio.Queue(maxsize)

    async def worker(number):
        while True:
            item = await todo.get()
            record = await fetch(item)
            print(f"F{number} HAS", type(record).__name__)
            await asyncio.sleep(0)
            await records.put(record)
            todo.task_done()

    async def archive():
        while True:
            record = await records.get()
            await store(record)
            records.task_done()

    async with asyncio.TaskGroup() as group:
        started = [group.create_task(worker(n)) for n in range(consumers)]
        started += [group.create_task(archive()), group.create_task(report(todo, records))]
        for item in items:
            await todo.put(item)
        await todo.join()
        await records.join()
        for task in started:
            task.cancel()
