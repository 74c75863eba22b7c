# label: hostile
# exercise: ex3_add_backoff
# kind: stack
# verdict: reject
# contract: spins in code whose file names are stacks, lines and markup themselves
# expect: Your consumer never gives the event loop a turn.
name = f'{__file__}", line 1 in consumer\n  File "{__file__}", line 2 in <b>\x1b[2J' * 8
source = "def spin(depth):\n    if depth:\n        spin(depth - 1)\n    while True:\n        pass\n"
space = {}
exec(compile(source, name, "exec"), space)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        space["spin"](200)
        q.task_done()
