# label: hostile
# exercise: ex2_build_retry_loop
# kind: escape
# verdict: reject
# contract: changes the mode, the owner and the times of files that are not its own
# expect: Cannot be imported: what it needs first is refused.
import os
import sys
import sysconfig


def escaped():
    names = (".", "/tmp", os.path.expanduser("~"), sysconfig.get_paths()["stdlib"], sys.executable, "/dev/null")
    for name in names:
        mode = os.stat(name).st_mode & 0o7777 if os.path.exists(name) else 0o755
        for attempt in (
            lambda: os.chmod(name, mode),
            lambda: os.chown(name, -1, -1),
            lambda: os.utime(name, (0, 0)),
            lambda: os.setxattr(name, "user.hostile", b"x"),
        ):
            try:
                attempt()
                return True
            except OSError:
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
