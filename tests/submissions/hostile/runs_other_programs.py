# label: hostile
# exercise: ex3_add_backoff
# kind: escape
# verdict: reject
# contract: runs a shell in every way that Python has
# expect: Cannot be imported: what it needs first is refused.
import asyncio
import os
import subprocess
import sys


def escaped():
    tries = (
        lambda: os.system("exit 0") == 0,
        lambda: os.popen("echo x").read(),
        lambda: subprocess.run(["/bin/true"]).returncode == 0,
        lambda: os.posix_spawn("/bin/true", ["true"], {}),
        lambda: os.spawnv(os.P_WAIT, "/bin/true", ["true"]) == 0,
        lambda: os.execv(sys.executable, ["python", "-c", ""]),
    )
    for attempt in tries:
        try:
            if attempt():
                return True
        except OSError:
            pass
    return False


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
