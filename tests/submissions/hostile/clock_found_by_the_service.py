# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: finds the clock behind the service that it is handed
# expect: Failed: the retries do not wait.
def clock(service):
    owner = getattr(service, "__self__", service)
    for name in ("_clock", "clock", "_engine", "_recorder", "_record", "_loop"):
        found = getattr(owner, name, None)
        if found is not None:
            return getattr(found, "clock", found)


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
                    now = clock(process_item)
                    now.move_to(now.now + delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
