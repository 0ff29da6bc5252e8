"""Who had a hand in what is released: the report's commit, or the one that brought its files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from readiness.signoff.repository import Author, Repository


def hands(
    repository: Repository, commit: str | None, released: str | None, bases: Collection[str | None]
) -> tuple[Sequence[Author] | None, ...]:
    """The authors of each commit that is asked, None for one whose authors git cannot tell; empty where none is here.

    `commit` is the report's, and `released` the one that it is verified for where the policy takes one for
    the other by their files; full ids, None where they are not here. What one of `bases` has already was looked
    at before: the protected branch as it is, and as it was when somebody signed, before it took the commit in.
    """
    asked = dict.fromkeys(_asked(repository, commit, released))
    return tuple(repository.authors(one, base) for one in asked for base in dict.fromkeys(bases))


def _asked(repository: Repository, commit: str | None, released: str | None) -> Iterator[str]:
    """After a squash merge the files are those of the report's commit, and the history is another."""
    if commit:
        yield commit
    if released and not (commit and repository.is_ancestor(commit, released)):
        yield repository.last_change(released) or released
