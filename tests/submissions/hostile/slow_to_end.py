# label: hostile
# exercise: ex2_build_retry_loop
# kind: slow
# verdict: reject
# contract: ignores every signal, leaves threads behind, and waits in each hook of the interpreter's end
# expect: Your file waits in real time and never goes on.
import atexit
import select
import signal
import threading
import time

def wait(*_args):
    until = time.process_time() + 20
    while time.process_time() < until:
        select.select([], [], [], 0.01)


signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
atexit.register(wait)
threading.Thread(target=wait).start()
wait()
