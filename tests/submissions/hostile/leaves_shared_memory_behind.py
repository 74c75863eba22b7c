# label: hostile
# exercise: ex2_build_retry_loop
# kind: escape
# verdict: reject
# contract: leaves memory, queues and semaphores that outlive a process
# expect: Cannot be imported: what it needs first is refused.
import ctypes
from multiprocessing import shared_memory

PRIVATE, CREATE = 0, 0o1600


def escaped():
    try:
        shared_memory.SharedMemory("grader-hostile", create=True, size=4096)
        return True
    except OSError:
        pass
    libc = ctypes.CDLL(None, use_errno=True)
    made = (
        libc.shmget(PRIVATE, 4096, CREATE),
        libc.msgget(PRIVATE, CREATE),
        libc.semget(PRIVATE, 1, CREATE),
        libc.memfd_create(b"grader-hostile", 0),
    )
    return max(made) >= 0


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
