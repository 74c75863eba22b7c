"""Mutants: each reference solution with one small fault, which the checks have to notice.

    python -m tests.mutants [--only ex2] [--seeds 3] [--jobs 2]      (`nox -s mutants`)

Why not a tool of the trade. mutmut (3.8) and cosmic-ray (8.7) are well kept, but their unit is a package
with a test suite of its own: a mutant is killed when a pytest process, started anew for each, exits with an
error. Here the judge stands outside; it grades five modules at once in 0.5 s in this process, where a process
each would take half an hour. The exit code would also hide what matters: a mutant that could not be
graded would count as killed. And neither moves a statement across a branch, drops an `await`, or widens an
`except`, which are the mistakes that learners of asyncio make. mutatest has had no release since 2022, and
needs coverage < 6.

So: `expressions` and `statements` hold the operators, small functions from a piece of a tree to the same
piece with a fault; `making` applies them to all that the contract's functions reach; `trial` has the mutants
graded; `survivors` reads the list of those that keep the contract, with the reasons.
"""
