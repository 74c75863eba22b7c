# label: hostile
# exercise: ex4_add_jitter
# kind: message
# verdict: reject
# contract: raises an error that raises when it is asked for its text, its class or its arguments
# expect: Failed: your consumer raises an error.
class Sulks(Exception):
    def __str__(self):
        raise SystemExit(0)

    __repr__ = __reduce__ = __str__
    args = property(__str__)
    __traceback__ = property(__str__)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        raise Sulks
        q.task_done()
