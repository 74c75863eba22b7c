# label: hostile
# exercise: ex3_add_backoff
# kind: tree
# verdict: accept
# contract: right, with each rare form of the grammar: matches, walruses, lambdas, stars, decorators, type comments
# expect: Passed.
import asyncio

if 0:
    match [1, {"a": 2}, (x := 3)]:
        case [int(), {"a": y, **rest}, *z] | [y, rest, *z] if (lambda *a, b=1, **k: a or b)(): pass
        case {"k": ([*_], -1 + 2j)} | None as whole: del whole
        case _: print(f"{x!r:>{10}} {'nested'!s:{1}}", *[*range(3)], **{}, sep=(yield_ := ""))
    async def gen(a, /, b: "int" = ..., *, c): return [i async for i in a if not (not i) for j in (await b)]
    @(lambda f: f)
    class Odd(metaclass=type, **{}): __slots__ = (); nonlocal_ = [(a, b) for a in () if a for b in {a: a for a in ()}]
    try: assert x, y
    except* (ValueError, OSError) as group: raise group from None
    finally: x = y = z, = [0]; x @= y; x[1:2, ..., ::3] //= ~-+x if x else not y


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
                    await asyncio.sleep(delay * backoff ** (attempt - 1))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
