# label: hostile
# exercise: ex3_add_backoff
# kind: clock
# verdict: reject
# contract: does not wait: reads what stands behind its service from memory, past all attributes
# expect: Failed: the retries do not wait.
import ctypes
import types

def behind(one):
    """The functions and methods to which the words of an object point."""
    for place in range(2, 20):
        word = ctypes.c_size_t.from_address(id(one) + 8 * place).value
        if word % 8 == 0 and word > 1 << 24 and ctypes.c_size_t.from_address(word + 8).value in (id(types.FunctionType), id(types.MethodType)):
            yield ctypes.cast(word, ctypes.py_object).value


def clock(service):
    for cell in service.__closure__ or ():
        for method in behind(cell.cell_contents):
            return method.__self__._engine.clock


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    now = clock(process_item)
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    now.move_to(now.now + delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
