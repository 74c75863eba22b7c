# label: hostile
# exercise: ex4_add_jitter
# kind: exit
# verdict: reject
# contract: leaves with the code 89, before anything is said
# expect: Your file ended the process.
import posix

posix._exit(89)
