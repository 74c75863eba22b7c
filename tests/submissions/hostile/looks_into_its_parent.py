# label: hostile
# exercise: ex2_build_retry_loop
# kind: escape
# verdict: reject
# contract: attaches to its parent and reads its memory
# expect: Cannot be imported: what it needs first is refused.
import ctypes
import os

SEIZE = 0x4206


def escaped():
    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(SEIZE, parent, None, None) == 0:
        return True
    for name in ("mem", "environ", "maps", "cmdline", "fd"):
        try:
            os.open(f"/proc/{parent}/{name}", os.O_RDONLY)
            return True
        except OSError:
            pass
    place = ctypes.create_string_buffer(8)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(place), 8)
    remote = (ctypes.c_void_p * 2)(0x400000, 8)
    return libc.process_vm_readv(parent, local, 1, remote, 1, 0) >= 0


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
