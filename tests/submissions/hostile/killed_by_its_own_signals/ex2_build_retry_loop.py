# label: hostile
# exercise: ex2_build_retry_loop
# kind: exit
# verdict: reject
# contract: ends itself by SIGABRT
# expect: Your file ended the process by a signal.
import os
import signal
import threading

for end in (signal.raise_signal, lambda number: os.kill(os.getpid(), number), lambda number: signal.pthread_kill(threading.get_ident(), number)):
    try:
        end(signal.SIGABRT)
    except OSError:
        pass
os.abort()
