"""Mutants: each reference solution with one small fault, which the checks have to notice.

    python -m tests.mutants [--only ex2] [--seeds 4] [--jobs 2]      (`nox -s mutants`)

Why not a tool of the trade. mutmut (3.8) and cosmic-ray (8.7) are well kept, but their unit is a
package with a test suite of its own: a mutant is killed when a test process, started anew for each, ends
with an error. Here the judge stands outside. It grades five modules at once in half a second in this
process, where a process for each would take half an hour; and the exit code would hide what matters: a
mutant that could not be graded would count as killed. Nor does either move a statement across a branch,
drop an `await`, or widen an `except`: the mistakes that learners of asyncio make. poodle (1.3) has a
hook for runners and for operators, which would all be ours; mutatest has had no release since 2022.

So: `expressions` and `statements` hold the operators, small functions from a piece of a tree to the same
piece with a fault; `making` applies them to all that the contract's functions reach; `trial` has the
mutants graded; `survivors` reads the list of those that keep the contract, with the reasons.
"""
