# label: hostile
# exercise: ex2_build_retry_loop
# kind: amplification
# verdict: reject
# contract: answers what json still reads, and what copies, writes or compares it may not
# expect: The file wrote over the grader's own line to it.
import posix

def say(data, fd=3):
    data = memoryview(data)
    while data:
        data = data[posix.write(fd, data[: 1 << 20]) :]


say(b'{"loaded":true}\n')
for depth in (300, 600, 900, 2_000, 20_000):
    say(b'{"format":1,"end":{"how":"quiet"},"result":' + b"[" * depth + b"]" * depth + b"}\n")
while posix.read(3, 1 << 20):
    pass
