"""Questions that are known beforehand, asked at the same time; each is asked once and its answer kept."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from readiness.api import CannotTell, DnsAnswer
from readiness.mail.resolver import Resolver

Question = tuple[str, str]
"""A name in presentation form, and a type."""
TOGETHER = 8
"""Questions on their way at a time."""


class Questions:
    """A resolver that remembers answers and troubles alike."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._known: dict[Question, DnsAnswer | CannotTell] = {}

    def ask_all(self, questions: Iterable[Question]) -> None:
        """Fetch what is not known yet; a trouble appears where its answer is used."""
        wanted = [question for question in dict.fromkeys(map(_key, questions)) if question not in self._known]
        if len(wanted) < 2:  # noqa: PLR2004 - a single one needs no thread
            found = map(self._fetch, wanted)
            self._known.update(zip(wanted, found, strict=True))
            return
        with ThreadPoolExecutor(TOGETHER) as pool:
            self._known.update(zip(wanted, pool.map(self._fetch, wanted), strict=True))

    def query(self, name: str, rdtype: str) -> DnsAnswer:
        """The answer. Raises CannotTell as the resolver did."""
        question = _key((name, rdtype))
        self.ask_all([question])
        found = self._known[question]
        if isinstance(found, CannotTell):
            raise found
        return found

    def _fetch(self, question: Question) -> DnsAnswer | CannotTell:
        try:
            return self._resolver.query(*question)
        except CannotTell as trouble:
            return trouble


def _key(question: Question) -> Question:
    return question[0].removesuffix(".").lower(), question[1]
