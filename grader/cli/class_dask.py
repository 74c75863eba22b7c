"""Where a class is graded: by processes on this machine, or on the machines of a cluster (`--dask`)."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from grader.classroom.run import Engine, grade_here
from grader.cli.isolation import tried_layers
from grader.cli.screen import show
from grader.errors import UsageError
from grader.render.class_start import ClusterStart
from grader.render.foreign import harmless
from grader.render.layout import Hanging
from grader.runner.sandbox import Layers

__all__ = ["Machines", "machines_for"]

_Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Machines:
    """What grades a class.

    layers: the isolation of submissions there. at_once: submissions graded at the same time.
    introduce: prints which machines these are. rows: what is to be said of them in the end.
    """

    layers: Layers
    at_once: int
    engine: Engine = grade_here
    introduce: Callable[[], None] = lambda: None
    rows: Callable[[], _Rows] = list


@contextmanager
def machines_for(options: Namespace, cores: int) -> Iterator[Machines]:
    """Yield what grades as the options ask for it.

    cores: submissions at once on this machine. Raises `UsageError` when that is not possible, as when
    there is not enough isolation.
    """
    if options.dask is None:
        yield Machines(tried_layers(trust=options.trust), cores)
        return
    if not options.dask.strip():
        raise UsageError("--dask takes the address of a scheduler, or `local`.")
    # Much to import, which a class on one machine does without.
    from grader.scale.dispatch import engine_on  # noqa: PLC0415
    from grader.scale.fleet import open_fleet  # noqa: PLC0415

    with open_fleet(
        options.dask, here=cores, jobs=options.jobs, trust=options.trust, say=_say
    ) as fleet:
        members = list(fleet.members.present.values())
        start = ClusterStart(fleet.cluster.name, [one.host for one in members], fleet.rows())
        yield Machines(
            fleet.layers, fleet.at_once, engine_on(fleet), lambda: show(start), fleet.rows
        )


def _say(line: str) -> None:
    show(Hanging("", harmless(line, most=len(line))))
    sys.stdout.flush()
