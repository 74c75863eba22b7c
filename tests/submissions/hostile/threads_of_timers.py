# label: hostile
# exercise: ex3_add_backoff
# kind: threads
# verdict: reject
# contract: starts a thread that starts a thread, and so on without end
# expect: Your file starts threads without end.
import threading

def again():
    threading.Timer(0.001, again).start()
    threading.Timer(0.001, again).start()


again()


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        q.task_done()
