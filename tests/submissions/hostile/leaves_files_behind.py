# label: hostile
# exercise: ex3_add_backoff
# kind: escape
# verdict: reject
# contract: leaves a file wherever it can, the tables of cron included
# expect: Cannot be imported: what it needs first is refused.
import asyncio
import os


def escaped():
    folders = (".", "..", "/tmp", "/var/tmp", "/dev/shm", "/run", "~", "~/.config", "/etc/cron.d",
               "/var/spool/cron", "/var/spool/cron/crontabs")
    left = []
    for folder in folders:
        try:
            with open(os.path.expanduser(f"{folder}/grader-hostile"), "w") as file:
                file.write("x")
            left.append(folder)
        except OSError:
            pass
        try:
            os.mkdir(os.path.expanduser(f"{folder}/grader-hostile-folder"))
            left.append(folder)
        except OSError:
            pass
    return left


if not escaped():
    raise RuntimeError("held back")


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
