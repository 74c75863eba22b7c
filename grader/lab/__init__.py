"""The lab: runs an asyncio module through a scenario in virtual time, and records what it does.

Standard library only, and usable without the grader:

    from grader.lab import Lab
    from grader.script import Call, Plan, Ref, Script, Service, Source

    fetch = Service("fetch", (Plan(0.05), Plan(0.1)))
    with Lab() as lab:
        lab.load(source, "crawler.py", "crawler")
        trace = lab.run(Script(items=("a", "b"), sources=(Source(0, 2),), services=(fetch,),
            calls=(Call("crawl", (Ref("source"), Ref("service"))),)))

or `python -m grader.lab crawler.py`, which runs the file as a program and prints its events.
"""

from grader.lab.driver import Lab

__all__ = ["Lab"]
