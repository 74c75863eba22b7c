# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: reject
# contract: nothing but comments
# expect: There is nothing but comments in your file: no consumer.
