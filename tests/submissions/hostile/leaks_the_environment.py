# label: hostile
# exercise: ex2_build_retry_loop
# kind: leak
# verdict: reject
# contract: reads the environments of the processes around it: where they come from and what they hold
# expect: Cannot be imported: what it needs first is refused.
import os

def escaped():
    secrets = [name for name in os.environ if name.startswith(("GRADER", "GITHUB", "AWS", "SSH", "XDG", "HOSTILE")) or name in ("USER", "MAIL")]
    for pid in {os.getppid(), 1, *range(2, 500)} - {os.getpid()}:
        try:
            secrets += open(f"/proc/{pid}/environ", "rb").read().split(b"\0")[:1]
        except OSError:
            pass
    return bool(secrets)


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
