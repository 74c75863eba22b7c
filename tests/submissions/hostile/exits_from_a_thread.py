# label: hostile
# exercise: ex5_fix_task_done
# kind: exit
# verdict: reject
# contract: a thread leaves with the code of used-up memory, a moment later
# expect: Your file ended the process.
import asyncio
import posix
import select
import threading

def leave():
    select.select([], [], [], 0.2)
    posix._exit(86)


threading.Thread(target=leave).start()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        q.task_done()


async def run_pipeline(items, process_item, *, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> dict:
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    options = {"attempts": attempts, "delay": delay, "backoff": backoff, "jitter": jitter}
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}", q, process_item, stats, **options)) for n in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats
