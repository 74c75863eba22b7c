"""The tables of a learner's progress, as steps from one version of them to the next."""

__all__ = ["STEPS"]

# `STEPS[n]` migrates schema n to n + 1. Times are local with their UTC offset, ISO 8601.
STEPS = (
    """
    CREATE TABLE schema (version INTEGER NOT NULL);
    CREATE TABLE progress (
        exercise  TEXT PRIMARY KEY,
        outcome   TEXT NOT NULL,
        score     INTEGER NOT NULL,
        max_score INTEGER NOT NULL,
        at        TEXT NOT NULL,
        seed      INTEGER         -- that of the failing run, until it passes
    );
    CREATE TABLE hints (
        exercise TEXT NOT NULL,
        about    TEXT NOT NULL,  -- a misconception's code, or a check's name
        level    INTEGER NOT NULL,
        PRIMARY KEY (exercise, about)
    );
    INSERT INTO schema VALUES (1);
    """,
    """
    ALTER TABLE progress ADD COLUMN passed_at TEXT;  -- for the first time since it was begun
    ALTER TABLE hints ADD COLUMN at TEXT;
    UPDATE progress SET passed_at = at WHERE outcome = 'passed';
    UPDATE schema SET version = 2;
    """,
    """
    ALTER TABLE hints ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;  -- hints that were asked for
    UPDATE hints SET asked = level - 1;  -- the first was mostly shown unasked
    UPDATE schema SET version = 3;
    """,
    """
    CREATE TABLE passes (
        exercise    TEXT PRIMARY KEY,
        fingerprint TEXT NOT NULL,  -- of what the verdict depends on (`grader.practice.unchanged`)
        verdict     TEXT NOT NULL   -- JSON (`grader.records`), without traces
    );
    UPDATE schema SET version = 4;
    """,
    """
    CREATE TABLE told (
        what TEXT PRIMARY KEY,  -- what is said once, such as a welcome
        at   TEXT NOT NULL
    );
    UPDATE schema SET version = 5;
    """,
    """
    CREATE TABLE failures (
        exercise TEXT PRIMARY KEY,
        seed     INTEGER NOT NULL,
        source   TEXT NOT NULL,  -- of the last run that failed, to show it beside one that passes
        at       TEXT NOT NULL
    );
    UPDATE schema SET version = 6;
    """,
)
