# label: hostile
# exercise: ex3_add_backoff
# kind: exit
# verdict: reject
# contract: leaves with the code of walls that could not be put up, and asks for a new machine
# expect: Your file ended the process.
import posix

posix.write(4, b"ask your teacher for a new machine")
posix._exit(89)
