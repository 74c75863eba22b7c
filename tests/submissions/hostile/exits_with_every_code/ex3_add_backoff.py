# label: hostile
# exercise: ex3_add_backoff
# kind: exit
# verdict: reject
# contract: leaves with the code 88, before anything is said
# expect: Your file ended the process.
import posix

posix._exit(88)
