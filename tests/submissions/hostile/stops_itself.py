# label: hostile
# exercise: ex2_build_retry_loop
# kind: exit
# verdict: reject
# contract: stops its own process by a signal
# expect: Your file waits in real time and never goes on.
import os
import signal


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    await q.get()
    os.kill(os.getpid(), signal.SIGSTOP)
