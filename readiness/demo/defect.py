"""What a defect is: one small change of the stage, and the item that must turn red for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from readiness.demo.stage import Stage


@dataclass(frozen=True, kw_only=True)
class Break:
    """One named defect."""

    title: str
    item: str
    """Id of the item that must fail."""
    apply: Callable[[Stage], None]


def edit(name: str, old: str, new: str) -> Callable[[Stage], None]:
    """A text of the source is another one."""
    return lambda stage: stage.edit(name, old, new)


def zone(old: str, new: str) -> Callable[[Stage], None]:
    """A text of the zone is another one."""
    return lambda stage: stage.edit_zone(old, new)


def put(variable: str, value: str) -> Callable[[Stage], None]:
    """A variable has another value."""
    return lambda stage: stage.env.update({variable: value})


def endpoint(**fields: Any) -> Callable[[Stage], None]:
    """The webhook endpoint at Stripe is another one."""
    return lambda stage: stage.stripe.patch(stage.endpoint, **fields)
