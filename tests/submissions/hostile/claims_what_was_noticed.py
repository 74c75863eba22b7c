# label: hostile
# exercise: ex4_add_jitter
# kind: blame
# verdict: reject
# contract: answers with notices of the wrong kinds, and with lies about others
# expect: The file wrote over the grader's own line to it.
import posix

posix.write(3, b'{"loaded":true,"noticed":[1,null,{"a":[]},["x"],"opened /home/neighbour/ex4_add_jitter.py"]}\n')
posix.write(3, b'{"noticed":"text","format":1}\n{"noticed":{"a":1},"broke":null}\n')
posix._exit(0)
