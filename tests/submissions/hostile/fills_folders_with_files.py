# label: hostile
# exercise: ex2_build_retry_loop
# kind: exhaustion
# verdict: reject
# contract: makes thousands of small files wherever it can
# expect: Failed: your consumer does nothing with its items.
import os
import pathlib

for folder in (".", "/tmp", "/var/tmp", "/dev/shm", os.path.expanduser("~")):
    for number in range(2_000):
        try:
            pathlib.Path(folder, f"grader-hostile-{number}").write_text("x")
        except OSError:
            break

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        q.task_done()
