"""Who watches a run: a line per running check on a terminal, nobody elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from readiness.console import WIDTH, Style, is_terminal
from readiness.duration import say_duration
from readiness.facts import Fact
from readiness.plan import Plan, Step
from readiness.run import Observer

if TYPE_CHECKING:
    from rich.text import Text

LINES = 8
"""Running checks that are shown at the same time."""


@contextmanager
def watch(plan: Plan, stream: TextIO, environment: Mapping[str, str]) -> Iterator[Observer]:
    """An observer for this stream; what it drew is gone afterwards."""
    if not is_terminal(stream) or environment.get("TERM") == "dumb":
        yield Nobody()
        return
    from rich.console import Console
    from rich.live import Live

    running = Running(total=sum(1 for step in plan.steps if step.check is not None))
    console = Console(file=stream, no_color="NO_COLOR" in environment, highlight=False)
    with Live(
        console=console,
        transient=True,
        refresh_per_second=8,
        get_renderable=running.draw,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield running


class Nobody:
    """No one watches."""

    def started(self, step: Step) -> None:
        """Say nothing."""

    def finished(self, step: Step, fact: Fact) -> None:
        """Say nothing."""


class Running:
    """What runs at this moment, oldest first."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.since: dict[str, float] = {}

    def started(self, step: Step) -> None:
        """An item begins."""
        self.since[step.id] = time.monotonic()

    def finished(self, step: Step, fact: Fact) -> None:
        """An item is decided."""
        self.since.pop(step.id, None)
        self.done += fact.attempts > 0

    def draw(self) -> Text:
        """The lines to show; called from the drawing thread."""
        from rich.text import Text

        now, style = time.monotonic(), Style(width=WIDTH)
        lines = [f"{self.done} of {self.total} checked"]
        running = list(self.since.items())
        lines += [style.cut(f"  {say_duration(now - begin):>7}  {name}", WIDTH) for name, begin in running[:LINES]]
        return Text("\n".join([*lines, f"  and {len(running) - LINES} more"] if len(running) > LINES else lines))
