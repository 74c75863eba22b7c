# label: hostile
# exercise: ex2_build_retry_loop
# kind: exhaustion
# verdict: reject
# contract: forks itself again and again (at most 256 processes, for 20 s)
# expect: Your file starts processes; that is not part of the task.
import os
import time

children = 0
for _ in range(8):
    if os.fork() == 0:
        children += 1
if children:
    time.sleep(20)
    os._exit(0)

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        q.task_done()
