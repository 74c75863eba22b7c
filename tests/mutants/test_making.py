"""The mutants of a module: different from it and each other, with names that last."""

from __future__ import annotations

import ast

import pytest

from tests.corpus import EXERCISES
from tests.mutants.making import mutants_of, mutants_of_solution, solution

CODE = '''
"""A module."""

async def consumer(name, q, *, attempts=4):
    """Take items."""
    while True:
        await q.get()
        q.task_done()
        q.task_done()
        helper(attempts + 1)


def helper(n):
    return n


async def demo():
    await consumer("C1", None, attempts=5)


if __name__ == "__main__":
    demo()
'''


@pytest.mark.parametrize("exercise", EXERCISES)
def test_all_mutants_differ(exercise: str) -> None:
    """No two have the same source or name, and none is the solution itself; all compile."""
    source = solution(exercise)
    mutants = mutants_of_solution(exercise)
    assert len(mutants) > 100
    assert (
        len({one.source for one in mutants}) == len({one.name for one in mutants}) == len(mutants)
    )
    assert ast.unparse(ast.parse(source)) not in {one.source for one in mutants}
    for one in mutants:
        compile(one.source, one.name, "exec")


def test_only_what_the_contract_reaches_is_mutated() -> None:
    """The entry and its helpers are; the demo and docstrings are not."""
    mutants = mutants_of("ex2_build_retry_loop", CODE)
    assert {one.function for one in mutants} == {"consumer", "helper"}
    assert all("Take items" not in one.before for one in mutants)


def test_names_do_not_depend_on_lines() -> None:
    """A comment or a blank line elsewhere changes the line of a mutant and not its name."""
    mutants = mutants_of("ex2_build_retry_loop", CODE)
    moved = mutants_of("ex2_build_retry_loop", f"# A comment.\n\n{CODE}")
    assert [one.name for one in moved] == [one.name for one in mutants]
    assert [one.line - 2 for one in moved] == [one.line for one in mutants]


def test_a_name_says_what_became_of_what() -> None:
    """Exercise, function, operator, the code before and after, as large as is readable."""
    names = {one.name for one in mutants_of("ex2_build_retry_loop", CODE)}
    assert {
        "ex2 consumer constant: attempts=4 -> attempts=5",
        "ex2 consumer default-dropped: attempts=4 -> none",
        "ex2 consumer await: await q.get() -> q.get()",
        "ex2 consumer operand: helper(attempts + 1) -> helper(attempts)",
        "ex2 helper jump: return n -> return",
    } <= names


def test_equal_faults_in_two_places_have_numbers() -> None:
    """The same fault of the same code, further down, is told apart; equal results are one mutant."""
    names = [one.name for one in mutants_of("ex2_build_retry_loop", CODE)]
    confused = "ex2 consumer call-confused: q.task_done() -> q.get_nowait()"
    assert [name for name in names if name.startswith(confused)] == [confused, f"{confused} #2"]
    assert "ex2 consumer deleted: q.task_done() -> deleted #2" not in names
