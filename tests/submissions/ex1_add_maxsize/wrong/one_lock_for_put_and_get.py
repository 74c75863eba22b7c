# label: wrong
# exercise: ex1_add_maxsize
# misconception: waits-for-what-never-comes
# contract: ex1 point 2: a lock "protects" the queue in put and in get: the producer waits for room with the lock held; hangs for n > maxsize
# expect: A task waits for something that nobody brings about.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)
    lock = asyncio.Lock()

    async def consumer(name):
        while True:
            async with lock:
                item = await q.get()
            await work(item)
            print(name, "OK", item)
            q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        for item in items:
            async with lock:
                await q.put(item)
                print("PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
