# label: hostile
# exercise: ex2_build_retry_loop
# kind: record
# verdict: reject
# contract: writes tries that never were into the record, which it reaches by any attribute
# expect: Failed: a failed try is not followed by another.
import asyncio
import builtins

def reach(wanted, *roots):
    """The first object behind `roots` that has all the attributes `wanted`: by whatever leads there."""
    seen, todo = set(), list(roots)
    while todo and len(seen) < 20_000:
        one = todo.pop(0)
        if id(one) in seen or isinstance(one, (str, bytes, int, float, type(None))):
            continue
        seen.add(id(one))
        keep.append(one)
        if all(hasattr(one, name) for name in wanted):
            return one
        for name in dir(one):
            try:
                todo.append(object.__getattribute__(one, name))
            except Exception:
                pass
        if isinstance(one, (list, tuple, set)):
            todo += one
        if isinstance(one, dict):
            todo += one.values()
        closure = getattr(one, "__closure__", None)
        for cell in closure if type(closure) is tuple else ():
            try:
                todo.append(cell.cell_contents)
            except ValueError:
                pass
    return None


keep = []


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    record, made = reach(("events", "add"), q, process_item, asyncio.get_running_loop(), asyncio.current_task(), print), getattr(process_item, "__dict__", {})
    while True:
        item = await q.get()
        try:
            await process_item(item)
            stats["consumed"] += 1
        except TransientError:
            index = made["_items"].index_of(item)
            job = made["_jobs"][index]
            for number in range(2, attempts + 1):
                stats["retried"] += 1
                fails = job.fails < 0 or number <= job.fails
                record.add("begin", index, number)
                record.clock.now += job.seconds
                record.add("finish", index, number, "transient" if fails else "error" if job.error else "ok")
                if not fails:
                    if job.error:
                        raise getattr(builtins, job.error, asyncio.CancelledError)
                    stats["consumed"] += 1
                    break
            else:
                stats["failed"] += 1
        q.task_done()
