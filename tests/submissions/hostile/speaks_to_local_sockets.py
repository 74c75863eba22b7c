# label: hostile
# exercise: ex2_build_retry_loop
# kind: escape
# verdict: reject
# contract: sends datagrams to sockets of this machine, by a pair of its own
# expect: Cannot be imported: what it needs first is refused.
import socket


def escaped():
    kinds = ((socket.AF_UNIX, socket.SOCK_DGRAM), (socket.AF_UNIX, socket.SOCK_SEQPACKET), (socket.AF_INET, socket.SOCK_STREAM))
    for family, kind in kinds:
        try:
            socket.socketpair(family, kind)
            return True
        except OSError:
            pass
    one, _other = socket.socketpair()
    for name in ("/dev/log", "/run/systemd/journal/socket", "\0grader-hostile"):
        for attempt in (one.connect, one.bind):
            try:
                attempt(name)
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
