# label: hostile
# exercise: ex5_fix_task_done
# kind: exit
# verdict: reject
# contract: ends itself by SIGSEGV
# expect: Your file ended the process by a signal.
import os
import signal
import threading

for end in (signal.raise_signal, lambda number: os.kill(os.getpid(), number), lambda number: signal.pthread_kill(threading.get_ident(), number)):
    try:
        end(signal.SIGSEGV)
    except OSError:
        pass
os.abort()
