# label: hostile
# exercise: ex2_build_retry_loop
# kind: stack
# verdict: reject
# contract: writes last words that look for the worst in whatever reads a stack
# expect: Your file ended the process.
import posix

TEXTS = (b'File "' * 10_000, b'File "x", line ' * 4_000, b'  File "<submission>", line 99999999999999999999 in x\n' * 1_000,
         b'File "' + b'\\"' * 30_000, b"Timeout (" * 7_000, b"Fatal Python error: " * 3_000, b'File "%s", line 0\n' % __file__.encode() * 900)
for text in TEXTS:
    posix.write(4, text[:9_000])
posix._exit(1)
