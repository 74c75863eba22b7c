# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: follows every attribute and closure until it holds the clock
# expect: Failed: the retries do not wait.
import asyncio
import time

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


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    clock = reach(("now", "move_to"), process_item, q, asyncio.get_running_loop(), asyncio.current_task(), time.sleep)
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    clock.move_to(clock.now + delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
