"""The operators: what they make of a piece of code, and that they leave the piece as it was."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.corpus import load
from tests.mutants.expressions import EXPRESSIONS, Scope
from tests.mutants.statements import STATEMENTS

SCOPE = Scope({"delay": ast.Constant(0.03), "backoff": ast.Constant(2.0)})


def _of_expression(operator: str, code: str) -> list[str]:
    node = ast.parse(code, mode="eval").body
    return [ast.unparse(other) for other in EXPRESSIONS[operator](node, SCOPE)]


@pytest.mark.parametrize(
    ("operator", "code", "expected"),
    [
        ("comparison", "a < b", ["a <= b", "a > b", "a >= b", "a == b", "a != b"]),
        ("arithmetic", "a ** b", ["a + b", "a - b", "a * b", "a / b", "a // b", "a % b"]),
        ("operand", "a - b", ["a", "b", "b - a"]),
        ("operand", "a + b", ["a", "b"]),
        ("logic", "a and b", ["a or b"]),
        ("logic", "a or b", ["a and b"]),
        ("logic", "not a", ["a"]),
        ("constant", "1", ["2", "0", "-1", "10"]),
        ("constant", "True", ["False"]),
        ("constant", "0.25", ["0.5", "0.125", "-0.25", "0.0"]),
        ("constant", "'OK'", ["''", "'OKx'", "'ok'"]),
        ("constant", "None", []),
        ("await", "await f(x)", ["f(x)", "asyncio.ensure_future(f(x))"]),
        ("argument-dropped", "f(a, b, c=d)", ["f(b, c=d)", "f(a, c=d)", "f(a, b)"]),
        ("arguments-swapped", "f(a, b, c=d, e=g)", ["f(b, a, c=d, e=g)", "f(a, b, c=g, e=d)"]),
        ("arguments-swapped", "f(*a, b)", []),
        ("parameter-fixed", "delay", ["0.03"]),
        ("parameter-fixed", "other", []),
        ("parameter-confused", "delay", ["backoff"]),
        ("call-confused", "asyncio.sleep(1)", ["time.sleep(1)"]),
        ("call-confused", "f(1)", []),
    ],
)
def test_expressions(operator: str, code: str, expected: list[str]) -> None:
    """An operator gives every fault that it knows, in a fixed order."""
    assert _of_expression(operator, code) == expected


def _of_block(operator: str, code: str, place: int) -> list[tuple[str, str]]:
    block = ast.parse(code).body
    faults = STATEMENTS[operator](block, place)
    return [(words, ast.unparse(ast.Module(new, []))) for words, new in faults]


TRY = "try:\n    a()\nexcept E:\n    b()\nelse:\n    c()"


@pytest.mark.parametrize(
    ("operator", "code", "expected"),
    [
        ("deleted", "a()", [("deleted", "pass")]),
        ("deleted", "pass", []),
        ("repeated", "a()", [("twice", "a()\na()")]),
        ("repeated", "break", []),
        ("swapped", "a()\nb()", [("after `b()`", "b()\na()")]),
        ("jump", "break", [("continue",) * 2, ("return",) * 2, ("raise",) * 2]),
        ("jump", "return x", [(way,) * 2 for way in ("break", "continue", "return", "raise")]),
        (
            "counted-otherwise",
            "n += 1",
            [(text, text) for text in ("n -= 1", "n *= 1", "n = 1")],
        ),
        (
            "condition",
            "if a:\n    b()\nelse:\n    c()",
            [
                ("negated", "if not a:\n    b()\nelse:\n    c()"),
                ("always", "b()"),
                ("never", "c()"),
            ],
        ),
        ("unguarded", TRY, [("without the try", "a()\nc()")]),
        ("unguarded", "with a:\n    b()", [("without the with", "b()")]),
    ],
)
def test_statements(operator: str, code: str, expected: list[tuple[str, str]]) -> None:
    """An operator gives the block with each fault, and the words for it."""
    assert _of_block(operator, code, 0) == expected


def test_an_except_clause_is_widened_and_emptied() -> None:
    """It catches everything, more than it should, or nothing at all."""
    texts = [text for _, text in _of_block("caught-otherwise", TRY, 0)]
    clauses = [text.splitlines()[2] for text in texts]
    assert clauses[:4] == [
        "except Exception:",
        "except BaseException:",
        "except:",
        "except (E, OSError):",
    ]
    assert clauses[-1] == "except ():"


def test_a_statement_moves_across_a_branch() -> None:
    """Into, out of, and between the branches of the statement beside it, a new `finally` included."""
    inside = dict(_of_block("moved-in", f"{TRY}\nd()", 0))
    assert inside["`d()` into its finally"].endswith("finally:\n    d()")
    assert inside["`d()` into its except"].count("d()") == 1
    before = dict(_of_block("moved-in", f"d()\n{TRY}", 1))
    assert before["`d()` into its try"].startswith("try:\n    d()\n    a()")
    out = dict(_of_block("moved-out", TRY, 0))
    assert out["`b()` after it from its except"].endswith("else:\n    c()\nb()")
    assert out["`a()` before it from its try"].startswith("a()\ntry:\n    pass")
    over = dict(_of_block("moved-over", TRY, 0))
    assert over["`c()` from its else into its try"].startswith("try:\n    a()\n    c()\nexcept")


def _every_fault(tree: ast.Module) -> Iterator[object]:
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            for make in EXPRESSIONS.values():
                yield from make(node, SCOPE)
        body = getattr(node, "body", None)
        for place in range(len(body) if isinstance(body, list) else 0):
            for change in STATEMENTS.values():
                yield from change(node.body, place)  # type: ignore[attr-defined]  # seen above


def test_operators_leave_what_they_are_given() -> None:
    """No operator changes the tree that it makes faults for, over all right submissions."""
    for one in load():
        if one.label == "right":
            tree = ast.parse(one.path.read_text(encoding="utf-8"))
            before = ast.dump(tree)
            assert sum(1 for _ in _every_fault(tree)) > 100
            assert ast.dump(tree) == before
