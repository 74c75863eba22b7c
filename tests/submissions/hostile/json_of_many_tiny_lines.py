# label: hostile
# exercise: ex2_build_retry_loop
# kind: amplification
# verdict: reject
# contract: answers ten million empty lines and objects that nobody asked for
# expect: The file wrote over the grader's own line to it.
import posix
import select
import threading
import time

def say(data, fd=3):
    data = memoryview(data)
    while data:
        data = data[posix.write(fd, data[: 1 << 20]) :]


def awake():
    """Work a little, so that waiting for the grader is no standstill."""
    while True:
        until = time.process_time() + 0.012
        while time.process_time() < until:
            pass
        select.select([], [], [], 0.7)


threading.Thread(target=awake, daemon=True).start()

say(b'{"loaded":true}\n')
for _ in range(40):
    say(b"{}\n\n" * 250_000)
while posix.read(3, 1 << 20):
    pass
