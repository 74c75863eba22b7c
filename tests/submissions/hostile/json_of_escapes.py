# label: hostile
# exercise: ex3_add_backoff
# kind: amplification
# verdict: reject
# contract: answers ten million escaped characters, lone surrogates among them
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
for piece in (b"\\u0000", b"\\ud800", b"\\ud83d\\ude00", b"\\u202e"):
    say(b'{"format":1,"tasks":["' + piece * 2_500_000 + b'"],"events":[]}\n')
while posix.read(3, 1 << 20):
    pass
