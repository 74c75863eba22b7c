# label: hostile
# exercise: ex2_build_retry_loop
# kind: escape
# verdict: reject
# contract: reads the accounts and the keys of this machine
# expect: Cannot be imported: what it needs first is refused.
import os
import pathlib


def escaped():
    names = ("/etc/passwd", "/etc/shadow", "/etc/hostname", "~/.ssh/id_rsa", "~/.ssh/authorized_keys",
             "~/.bash_history", "~/.netrc", "/proc/self/environ", "/proc/1/cmdline")
    found = []
    for name in names:
        try:
            found.append(pathlib.Path(os.path.expanduser(name)).read_bytes())
        except OSError:
            pass
    for folder in ("/", "/home", "/root", "/etc", "/tmp", "/proc", "."):
        try:
            found += os.listdir(folder)
        except OSError:
            pass
    return found


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
