# label: hostile
# exercise: ex4_add_jitter
# kind: threads
# verdict: reject
# contract: takes every thread that its user may have, and waits for others to fail
# expect: Your file starts threads without end.
import select
import threading
import time

def hold():
    until = time.process_time() + 0.3
    while time.process_time() < until:
        select.select([], [], [], 0.2)


threading.stack_size(65_536)
try:
    while True:
        threading.Thread(target=hold, daemon=True).start()
except (RuntimeError, MemoryError):
    pass
hold()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        q.task_done()
