# label: hostile
# exercise: ex2_build_retry_loop
# kind: leak
# verdict: reject
# contract: lists and imports the packages with which the grader works
# expect: Cannot be imported: what it needs first is refused.
import os
import sys
import sysconfig

def escaped():
    for folder in {*sys.path, sysconfig.get_paths()["purelib"], os.path.join(sysconfig.get_paths()["stdlib"], "site-packages")}:
        try:
            if {"pytest", "rich", "pip"} & set(os.listdir(folder)):
                return True
        except OSError:
            pass
    for name in ("pytest", "rich", "jinja2", "grader", "grader.checks"):
        try:
            __import__(name)
            return True
        except ImportError:
            pass
    return False


if not escaped():
    raise RuntimeError("held back")


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
