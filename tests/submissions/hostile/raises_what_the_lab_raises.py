# label: hostile
# exercise: ex2_build_retry_loop
# kind: exit
# verdict: reject
# contract: raises MemoryError, SystemExit and the lab's own exceptions by turns
# expect: Your consumer raises an error.
import itertools

KINDS = [MemoryError, SystemExit, KeyboardInterrupt, GeneratorExit, RecursionError, BrokenPipeError, EOFError]
KINDS += [kind for kind in BaseException.__subclasses__() + Exception.__subclasses__() if kind.__module__.startswith("grader")]
turn = itertools.cycle(KINDS)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        raise next(turn)(86)
        q.task_done()
