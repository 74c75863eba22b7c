# label: hostile
# exercise: ex5_fix_task_done
# kind: message
# verdict: reject
# contract: an error, a task and stats that a spreadsheet would compute
# expect: Failed: your consumer raises an error.
import asyncio

TEXT = "=HYPERLINK(\"http://127.0.0.1:9/\",\"100\")"


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        stats[TEXT] = "+1+1"
        asyncio.current_task().set_name("@SUM(1)")
        raise ValueError(TEXT)
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
