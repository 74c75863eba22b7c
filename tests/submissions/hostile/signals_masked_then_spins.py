# label: hostile
# exercise: ex3_add_backoff
# kind: tampering
# verdict: reject
# contract: blocks all signals, switches the fault handler and its timers off, and spins
# expect: Your consumer never gives the event loop a turn.
import faulthandler
import signal


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0) -> None:
    while True:
        await q.get()
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        faulthandler.disable()
        faulthandler.cancel_dump_traceback_later()
        for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF, signal.ITIMER_VIRTUAL):
            signal.setitimer(timer, 0)
        while True:
            pass
        q.task_done()
