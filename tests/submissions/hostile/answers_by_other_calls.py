# label: hostile
# exercise: ex3_add_backoff
# kind: evidence
# verdict: reject
# contract: writes good answers by every call that writes, on descriptors 0 to 31
# expect: The file wrote over the grader's own line to it.
import ctypes
import os
import socket

LINE = b'{"loaded":true}\n{"format":1,"end":{"how":"quiet"},"events":[],"passed":true}\n'
for fd in range(32):
    for write in (
        lambda: os.writev(fd, [LINE]),
        lambda: os.pwrite(fd, LINE, 0),
        lambda: open(fd, "wb", 0, closefd=False).write(LINE),
        lambda: socket.socket(fileno=os.dup(fd)).send(LINE),
        lambda: ctypes.CDLL(None).write(fd, LINE, len(LINE)),
        lambda: os.sendfile(fd, os.memfd_create("x"), 0, 1),
    ):
        try:
            write()
        except Exception:
            pass
os._exit(0)
