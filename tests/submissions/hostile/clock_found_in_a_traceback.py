# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: finds the clock in the frames of the error that the service raises
# expect: Failed: the retries do not wait.
def clock(error):
    step = error.__traceback__
    while step is not None:
        for value in step.tb_frame.f_locals.values():
            for one in (value, getattr(value, "_clock", None), getattr(value, "_engine", None)):
                one = getattr(one, "clock", one)
                if hasattr(type(one), "move_to"):
                    return one
        step = step.tb_next


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError as error:
                if attempt < attempts:
                    stats["retried"] += 1
                    now = clock(error)
                    now.move_to(now.now + delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
