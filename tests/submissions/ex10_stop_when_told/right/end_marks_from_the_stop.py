# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; consumers end by marks, which take the place of what was waiting in the queue
# expect: Passed: the queue's content is replaced by end marks, which reach idle consumers as well.
import asyncio
import random


class TransientError(Exception):
    pass


END = object()


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    left = {}
    q = asyncio.Queue()
    room = asyncio.Semaphore(maxsize)

    async def produce():
        for number, item in enumerate(items):
            left[number] = item
            await room.acquire()
            q.put_nowait((number, item))
        for _ in range(consumers):
            q.put_nowait(END)

    async def consume():
        while (got := await q.get()) is not END:
            room.release()
            number, item = got
            for attempt in range(attempts):
                if attempt:
                    clean = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(clean * (1 + jitter * random.random()))
                    stats["retried"] += 1
                try:
                    await process_item(item)
                except TransientError:
                    continue
                stats["consumed"] += 1
                break
            else:
                stats["failed"] += 1
            left.pop(number)

    async def until_told(crew, producing):
        await stop.wait()
        producing.cancel()
        while not q.empty():
            q.get_nowait()
        for _ in range(consumers):
            q.put_nowait(END)
        await asyncio.wait(crew, timeout=grace)
        for task in crew:
            task.cancel()

    if not stop.is_set():
        async with asyncio.TaskGroup() as group:
            crew = [group.create_task(consume()) for _ in range(consumers)]
            producing = group.create_task(produce())
            watching = group.create_task(until_told(crew, producing))
            await asyncio.wait(crew)
            watching.cancel()
    return {"unfinished": list(left.values()), **stats}
