# label: hostile
# exercise: ex2_build_retry_loop
# kind: tampering
# verdict: reject
# contract: deletes every attribute that it can reach
# expect: Failed: your consumer does nothing with its items.
import asyncio

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
    while True:
        await q.get()
        reach(("no such thing",), asyncio.get_running_loop(), q, process_item)
        for one in keep:
            if type(one).__module__.startswith("grader") or hasattr(one, "_lab_number"):
                for name in list(getattr(one, "__dict__", ())):
                    delattr(one, name)
        q.task_done()
