# label: hostile
# exercise: ex4_add_jitter
# kind: exhaustion
# verdict: reject
# contract: switches alarms and signals off, then loops without await
# expect: Your consumer never gives the event loop a turn.
import signal

for number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGTERM, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        pass
