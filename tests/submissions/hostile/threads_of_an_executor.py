# label: hostile
# exercise: ex2_build_retry_loop
# kind: threads
# verdict: reject
# contract: hands a thousand jobs that stand still to executors of a thousand threads
# expect: Your file starts threads without end.
import asyncio
import concurrent.futures
import threading

lock = threading.Lock()
lock.acquire()
pool = concurrent.futures.ThreadPoolExecutor(1_000)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        for _ in range(1_000):
            asyncio.get_running_loop().run_in_executor(pool, lock.acquire)
        await process_item(0)
        q.task_done()
