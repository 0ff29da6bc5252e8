"""What may be wrong with a domain's SPF although a record is there: the rules, and what each found."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from readiness.light import dataclass


class Rule(StrEnum):
    """What is looked at."""

    RECORD = "record"
    """There is exactly one record."""
    ALIAS = "alias"
    """Where the name is an alias, it is one of the provider's."""
    SYNTAX = "syntax"
    """It is after the grammar, from beginning to end."""
    POLICY = "policy"
    """It ends in `-all` or `~all`."""
    IGNORED = "ignored"
    """Nothing in it goes unread."""
    PTR = "ptr"
    """It asks for no names of addresses (5.5)."""
    DUPLICATES = "duplicates"
    """No term is there twice."""
    SIZE = "size"
    """It fits into an answer over UDP (3.4)."""
    TARGETS = "targets"
    """What it includes or redirects to has one sound record each."""
    LOOKUPS = "lookups"
    """It keeps to the limit of lookups (4.6.4)."""
    VOID = "void"
    """It keeps to the limit of lookups that find nothing (4.6.4)."""
    WIDTH = "width"
    """It lets no large part of the internet send."""
    INCLUDES = "includes"
    """It includes whom it should, and nobody else."""


@dataclass(frozen=True, kw_only=True)
class Demands:
    """What is asked of a record."""

    require_all: Literal["~all", "-all"] = "~all"
    max_lookups: int = 10
    max_void: int = 2
    max_bytes: int = 512
    alias: str | None = None
    """The domain in which an alias has to end."""
    includes: tuple[str, ...] = ()
    """Domains that have to be included, directly or by others."""
    complete: bool = False
    """`includes` names all of them: another one is a finding."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule, and whether it holds."""

    rule: Rule
    ok: bool
    message: str
    expected: str
    observed: str
    domain: str
    """Whose record it is about."""
    whole: bool = False
    """It is about all records of the tree together."""
