# label: hostile
# exercise: ex3_add_backoff
# kind: escape
# verdict: reject
# contract: signals its parent and its parent's group (with signals that do nothing)
# expect: Cannot be imported: what it needs first is refused.
import asyncio
import os
import signal


def escaped():
    parent = os.getppid()
    for send in (os.kill, lambda pid, number: os.killpg(os.getpgid(pid), number)):
        try:
            send(parent, signal.SIGCONT)
            return True
        except OSError:
            pass
    try:
        pidfd = os.pidfd_open(parent)
        signal.pidfd_send_signal(pidfd, signal.SIGCONT)
        return True
    except OSError:
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
