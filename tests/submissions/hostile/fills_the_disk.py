# label: hostile
# exercise: ex3_add_backoff
# kind: exhaustion
# verdict: reject
# contract: writes a file without end (256 MB at most)
# expect: Failed: your consumer does nothing with its items.
import asyncio

for folder in (".", "/tmp", "/dev/shm"):
    try:
        with open(f"{folder}/grader-hostile-large", "wb") as file:
            for _ in range(256):
                file.write(bytes(1 << 20))
    except OSError:
        pass

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        q.task_done()
