# label: hostile
# exercise: ex4_add_jitter
# kind: blame
# verdict: reject
# contract: answers with bytes that are no UTF-8, with zeros, and with the start of a line
# expect: The file wrote over the grader's own line to it.
import posix

posix.write(3, bytes(range(128, 256)) + b"\n" + bytes(1_000) + b"\n\xff\xfe{\x00\n" + b'{"loaded":tr')
posix._exit(0)
