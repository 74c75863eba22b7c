# label: hostile
# exercise: ex2_build_retry_loop
# kind: exhaustion
# verdict: reject
# contract: forks 40 children that sleep for 20 s
# expect: Your file starts processes; that is not part of the task.
import os
import time

for _ in range(40):
    try:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    except OSError:
        break

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        q.task_done()
