# label: hostile
# exercise: ex2_build_retry_loop
# kind: escape
# verdict: reject
# contract: lifts its limits, becomes root, leaves its session
# expect: Cannot be imported: what it needs first is refused.
import ctypes
import os
import resource


def escaped():
    libc = ctypes.CDLL(None, use_errno=True)
    more = resource.RLIM_INFINITY
    tries = (
        lambda: resource.setrlimit(resource.RLIMIT_AS, (more, more)),
        lambda: resource.setrlimit(resource.RLIMIT_CPU, (more, more)),
        lambda: os.setresuid(0, 0, 0) or (os.getuid() == 0 and open("/etc/shadow")),
        lambda: os.setgroups([0]),
        os.setsid,
        lambda: os.chroot("."),
    )
    for attempt in tries:
        try:
            attempt()
            return True
        except (OSError, ValueError):
            pass
    # To outlive its parent, to be looked into, to keep what root had.
    return any(libc.prctl(option, 0, 0, 0, 0) == 0 for option in (1, 4, 8))


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
