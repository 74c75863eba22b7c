# label: hostile
# exercise: ex2_build_retry_loop
# kind: threads
# verdict: reject
# contract: starts 2,000 threads that stand still
# expect: Your file starts threads without end.
import threading

lock = threading.Lock()
lock.acquire()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        for _ in range(2_000):
            threading.Thread(target=lock.acquire, daemon=True).start()
        q.task_done()
