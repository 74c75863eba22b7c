# label: hostile
# exercise: ex4_add_jitter
# kind: stack
# verdict: reject
# contract: writes last words until nobody reads them any more, and waits
# expect: Your file ended the process.
import posix

while True:
    posix.write(4, b'File "%s", line 1 in consumer\n' % __file__.encode() * 100)
