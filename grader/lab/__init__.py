"""The lab: runs an asyncio module through a scenario in virtual time, and records what it does.

Standard library only, and usable without the grader:

    from grader.lab import Lab
    from grader.scenario import Job, Pipeline

    with Lab() as lab:
        lab.load(source, "pipeline.py", "pipeline")
        trace = lab.run(Pipeline(jobs=(Job(1), Job(2)), options={"maxsize": 1}))

or `python -m grader.lab pipeline.py`, which prints what happened.
"""

from grader.lab.driver import Lab

__all__ = ["Lab"]
