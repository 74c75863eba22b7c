# label: hostile
# exercise: ex4_add_jitter
# kind: tampering
# verdict: reject
# contract: answers every signal by an error, and has the timers send them all the time
# expect: Your consumer raises OSError, or ended the process.
import signal

def answer(number, frame):
    raise OSError(number, "not now")


for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGVTALRM, signal.SIGINT, signal.SIGTERM, signal.SIGXCPU, signal.SIGUSR1):
    signal.signal(number, answer)
for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF, signal.ITIMER_VIRTUAL):
    signal.setitimer(timer, 0.01, 0.01)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        await q.get()
        q.task_done()
