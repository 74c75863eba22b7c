# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; a callable object; a task for each item under way, started when a slot is free; errors leave in a group
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


class Pipeline:
    async def __call__(self, items, fetch, store, *, consumers=3, maxsize=3):
        source, lock = iter(items), asyncio.Lock()
        slots = asyncio.Semaphore(consumers)
        room = asyncio.Semaphore(maxsize + 1)
        running = set()
        errors = []
        stop = asyncio.Event()

        async def one(item):
            try:
                try:
                    record = await fetch(item)
                    await room.acquire()
                finally:
                    slots.release()
                try:
                    async with lock:
                        await store(record)
                finally:
                    room.release()
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                errors.append(error)
                stop.set()
                slots.release()

        while True:
            await slots.acquire()
            if stop.is_set():
                break
            try:
                item = next(source)
            except StopIteration:
                break
            task = asyncio.create_task(one(item))
            running.add(task)
            task.add_done_callback(running.discard)
        while running and not errors:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            task.cancel()
        if errors:
            raise BaseExceptionGroup("the pipeline failed", errors)


run_pipeline = Pipeline()
