"""The kind `repo.text`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from readiness.api import CannotTell, Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.corpus import Corpus, Hit
from readiness.globs import is_glob, validate_globs
from readiness.patterns import Pattern, compile_assertion

MOST_SHOWN = 20
"""Lines of evidence for one pattern."""
LINE_SHOWN = 200
"""Characters of such a line."""


@dataclass(frozen=True, kw_only=True)
class RepoText:
    """Texts are found in files, or are found nowhere.

    Patterns are RE2 and work line by line: `^` and `$` are the ends of a line. Where `files` names
    one file that must hold something, and it is not there, that is a failure. A file that is too
    big or cannot be read is never silently left out: where its text could change the answer, the
    answer is an error.
    """

    id: ClassVar = "repo.text"
    reads: ClassVar = frozenset({Reads.REPO})
    effect: ClassVar = Effect.READ

    files: tuple[str, ...]
    """Globs of the files to look in, relative to the checklist's root."""
    exclude: tuple[str, ...] = ()
    """Globs of files to leave out."""
    must: tuple[str, ...] = ()
    """RE2 patterns; each must be found in at least one of the files."""
    every: bool = False
    """Each pattern of `must` must be found in every file."""
    must_not: tuple[str, ...] = ()
    """RE2 patterns that may be found in none of the files."""
    ignore_case: bool = False
    """Capital and small letters are the same."""

    def __post_init__(self) -> None:
        if not self.files:
            raise ValueError("`files` is empty: name at least one glob")
        if not self.must and not self.must_not:
            raise ValueError("neither `must` nor `must_not` holds a pattern, so nothing would be checked")
        if self.every and not self.must:
            raise ValueError("`every` speaks of the patterns of `must`, and there are none")
        validate_globs((*self.files, *self.exclude))
        for pattern in (*self.must, *self.must_not):
            self._compiled(pattern)

    def _compiled(self, pattern: str) -> Pattern:
        return compile_assertion(pattern, ignore_case=self.ignore_case)

    def looks_at(self) -> Iterator[str]:
        """The globs."""
        yield from self.files

    def run(self, world: World) -> Iterator[Outcome]:
        """Search all files at once."""
        if self.must and (missing := self._missing(world)):
            yield failed(f"{missing} is not there", reason=Reason.MISSING, expected="a file", subject=missing)
            return
        self._find_files(world)
        corpus = world.repo.corpus(self.files, self.exclude)
        for pattern in self.must:
            yield from self._in_every(corpus, pattern) if self.every else self._in_one(corpus, pattern)
        for pattern in self.must_not:
            yield from self._nowhere(corpus, pattern)
        if corpus.unread and (self.every or self.must_not):
            raise _unread(corpus)

    def _missing(self, world: World) -> str | None:
        """The one file that is meant, if it is not there."""
        only = self.files[0] if len(self.files) == 1 and not is_glob(self.files[0]) else None
        return only if only and not world.repo.exists(only) else None

    def _find_files(self, world: World) -> None:
        """A glob that matches nothing is a mistake that would make `must_not` and `every` hold for ever."""
        without = [glob for glob in self.files if not world.repo.files((glob,))]
        if not world.repo.files(self.files, self.exclude) or (without and (self.every or self.must_not)):
            raise CannotTell(
                f"no file matches {', '.join(without or self.files)}",
                reason=Reason.NOT_FOUND,
                fix="correct `files`, relative to the checklist's root; files that git ignores are not looked at",
            )

    def _in_one(self, corpus: Corpus, pattern: str) -> Iterator[Outcome]:
        hits = list(islice(corpus.files_with(self._compiled(pattern)), MOST_SHOWN))
        expected = f"in at least one of {_files(corpus)}"
        if hits:
            seen = hits[0].place
            yield passed(f"{pattern} is found", expected=expected, observed=seen, evidence=_evidence(hits))
        elif corpus.unread:
            raise _unread(corpus)
        else:
            message = f"{pattern} is found in none of {_files(corpus)}"
            yield failed(
                message, reason=Reason.MISSING, expected=expected, observed="nowhere", evidence=_looked(corpus)
            )

    def _in_every(self, corpus: Corpus, pattern: str) -> Iterator[Outcome]:
        hits = list(corpus.files_with(self._compiled(pattern)))
        having = {hit.path for hit in hits}
        lacking = [path for path in corpus.paths if path not in having]
        expected = f"in each of {_files(corpus)}"
        for path in lacking:
            message = f"{pattern} is not found in {path}"
            yield failed(message, reason=Reason.MISSING, expected=expected, observed="nowhere", subject=path)
        if not lacking:
            observed = f"{len(hits)} files"
            shown = _evidence(hits[:MOST_SHOWN])
            yield passed(f"{pattern} is in every file", expected=expected, observed=observed, evidence=shown)

    def _nowhere(self, corpus: Corpus, pattern: str) -> Iterator[Outcome]:
        hits = list(corpus.hits(self._compiled(pattern)))
        expected = f"in none of {_files(corpus)}"
        if not hits:
            yield passed(f"{pattern} is found nowhere", expected=expected, observed="nowhere", evidence=_looked(corpus))
            return
        more = f" and {len(hits) - 1} more" if len(hits) > 1 else ""
        message = f"{pattern} must not be there, but is in {hits[0].place}{more}"
        shown = _evidence(hits[:MOST_SHOWN])
        yield failed(message, expected=expected, observed=f"{len(hits)} lines", subject=hits[0].path, evidence=shown)


def _files(corpus: Corpus) -> str:
    return corpus.paths[0] if len(corpus.paths) == 1 else f"{len(corpus.paths)} files"


def _evidence(hits: list[Hit]) -> list[Evidence]:
    return [Evidence.of(hit.place, hit.text[:LINE_SHOWN]) for hit in hits]


def _looked(corpus: Corpus) -> list[Evidence]:
    return [Evidence.of(f"{len(corpus.paths)} files", "\n".join(corpus.paths))]


def _unread(corpus: Corpus) -> CannotTell:
    first = corpus.unread[0]
    more = f" (and {len(corpus.unread) - 1} more files)" if len(corpus.unread) > 1 else ""
    fix = "make it readable, or leave it out with `exclude`"
    return CannotTell(f"{first.why}{more}, so its text is unknown", reason=Reason.DENIED, fix=fix)
