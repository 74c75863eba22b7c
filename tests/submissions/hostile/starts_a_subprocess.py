# label: hostile
# exercise: ex4_add_jitter
# kind: escape
# verdict: either
# contract: starts a process that sleeps for 30 s
# expect: Passed or failed on its functions; the process must not outlive the grading.
import asyncio
import random
import subprocess
import sys

helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    d = delay * backoff ** (attempt - 1)
                    stats["retried"] += 1
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
