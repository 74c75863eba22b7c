"""The formats of others as schemas, written down from their documentation."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

__all__ = ["CLASSROOM50", "EXERCISM", "GRADESCOPE", "RESULTS", "check_junit"]

_TEXT = {"type": "string"}
_WORD = {"type": "string", "minLength": 1}
_POINTS = {"type": "integer", "minimum": 0}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


GRADESCOPE = _object(
    {
        "score": {"type": "number"},
        "execution_time": {"type": "number", "minimum": 0},
        "output": _TEXT,
        "output_format": {"enum": ["text", "html", "simple_format", "md", "ansi"]},
        "visibility": {"enum": ["visible", "hidden", "after_due_date", "after_published"]},
        "stdout_visibility": {"enum": ["visible", "hidden", "after_due_date", "after_published"]},
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": _object(
                {
                    "name": _WORD,
                    "number": {"type": "string", "pattern": r"^\d+\.\d+$"},
                    "status": {"enum": ["passed", "failed"]},
                    "score": _POINTS,
                    "max_score": _POINTS,
                    "output": _TEXT,
                    "output_format": {"enum": ["text", "html", "simple_format", "md", "ansi"]},
                    "visibility": {"enum": ["visible", "hidden", "after_due_date"]},
                    "tags": {"type": "array", "items": _TEXT},
                    "extra_data": {"type": "object"},
                }
            ),
        },
    },
    *("score", "visibility", "extra_data"),
)

CLASSROOM50 = _object(
    {
        "schema": {"const": "classroom50/result/v1"},
        "classroom": _WORD,
        "assignment": _WORD,
        "assignment_type": {"enum": ["individual", "group", "team"]},
        "owner": _WORD,
        "submission": {"type": "string", "pattern": "^submit/."},
        "commit": _WORD,
        "release": _WORD,
        "review": _WORD,
        "datetime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "graded_at": _WORD,
        "submitted_by": {"type": "object"},
        "score": _POINTS,
        "max-score": _POINTS,
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "test-name": _WORD,
                    "passed": {"type": "boolean"},
                    "score": _POINTS,
                    "max-score": _POINTS,
                },
                "required": ["test-name", "passed", "score", "max-score"],
            },
        },
    },
    *("graded_at", "submitted_by"),
)

EXERCISM = _object(
    {
        "version": {"const": 3},
        "status": {"enum": ["pass", "fail", "error"]},
        "message": {"type": ["string", "null"], "maxLength": 65_535},
        "tests": {
            "type": "array",
            "items": _object(
                {
                    "name": _WORD,
                    "status": {"enum": ["pass", "fail", "error"]},
                    "message": {"type": ["string", "null"], "maxLength": 65_535},
                    "output": {"type": ["string", "null"], "maxLength": 500},
                    "test_code": _WORD,
                    "task_id": {"type": "integer", "minimum": 1},
                },
                "task_id",
            ),
        },
    }
)

_CHECK = _object(
    {
        "check": _WORD,
        "title": _TEXT,
        "outcome": {"enum": ["passed", "failed", "not_run"]},
        "why": {"type": ["string", "null"]},
        "score": _POINTS,
        "max_score": _POINTS,
        "message": _TEXT,
        "misconception": {"type": ["string", "null"]},
        "hint": {"type": ["string", "null"]},
        "line": {"type": ["integer", "null"], "minimum": 1},
        "wall_ms": {"type": "number", "minimum": 0},
        "subgoal": _WORD,
    },
    "subgoal",
)
_UNUSED = {"type": "array", "items": _object({"path": _TEXT, "reason": _TEXT})}
RESULTS = _object(
    {
        "schema": {"const": 1},
        "seed": {"type": "integer"},
        "unused": _UNUSED,
        "submissions": {
            "type": "array",
            "items": _object(
                {
                    "submission": _WORD,
                    "score": _POINTS,
                    "max_score": _POINTS,
                    "late": {"type": "boolean"},
                    "note": _TEXT,
                    "senders": {"type": "array"},
                    "unused": _UNUSED,
                    "exercises": {
                        "type": "array",
                        "items": _object(
                            {
                                "exercise": _WORD,
                                "title": _TEXT,
                                "outcome": {
                                    "enum": [
                                        "passed",
                                        "failed",
                                        "not_started",
                                        "missing",
                                        "ungraded",
                                    ]
                                },
                                "score": _POINTS,
                                "max_score": _POINTS,
                                "wall_ms": {"type": "number", "minimum": 0},
                                "note": _TEXT,
                                "flags": {"type": "array", "items": _TEXT},
                                "checks": {"type": "array", "items": _CHECK},
                            }
                        ),
                    },
                    "submitted": _WORD,
                    "final_score": {"type": ["number", "null"]},
                    "final_max_score": {"type": "number"},
                    "adjustments": {"type": "array", "items": _WORD},
                    "doubts": {
                        "type": "array",
                        "items": _object(
                            {
                                "path": _TEXT,
                                "reason": _TEXT,
                                "exercise": _TEXT,
                                "sure": {"type": "boolean"},
                            }
                        ),
                    },
                },
                "doubts",
                "submitted",
                "final_score",
                "final_max_score",
                "adjustments",
            ),
        },
        "not_handed_in": {"type": "array", "items": _WORD},
    },
    "not_handed_in",
)

# Jenkins' junit-10.xsd: for each element its attributes (True: required) and its children.
_JUNIT: dict[str, tuple[dict[str, bool], set[str]]] = {
    "testsuites": (
        dict.fromkeys(("name", "time", "tests", "failures", "errors"), False),
        {"testsuite"},
    ),
    "testsuite": (
        dict.fromkeys(("name", "tests", "failures", "errors"), True)
        | dict.fromkeys(("time", "skipped", "timestamp", "hostname", "id", "package"), False),
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": ({}, {"property"}),
    "property": ({"name": True, "value": True}, set()),
    "testcase": (
        {"name": True, "classname": False, "time": False, "group": False},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": ({"type": False, "message": False}, set()),
    "error": ({"type": False, "message": False}, set()),
    "skipped": ({"type": False, "message": False}, set()),
}


def check_junit(element: Element) -> None:
    """Assert that an element and all within are as the schema has it, and the counts are true."""
    attributes, children = _JUNIT[element.tag]
    assert {name for name, required in attributes.items() if required} <= set(element.attrib)
    assert set(element.attrib) <= set(attributes)
    assert {child.tag for child in element} <= children
    if element.tag == "testsuite":
        cases = element.findall("testcase")
        assert element.get("tests") == str(len(cases))
        for attribute, tag in (
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert element.get(attribute) == str(sum(case.find(tag) is not None for case in cases))
    for child in element:
        check_junit(child)
