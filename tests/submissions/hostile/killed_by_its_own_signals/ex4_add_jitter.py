# label: hostile
# exercise: ex4_add_jitter
# kind: exit
# verdict: reject
# contract: ends itself by SIGSYS
# expect: Your file ended the process by a signal.
import os
import signal
import threading

for end in (signal.raise_signal, lambda number: os.kill(os.getpid(), number), lambda number: signal.pthread_kill(threading.get_ident(), number)):
    try:
        end(signal.SIGSYS)
    except OSError:
        pass
os.abort()
