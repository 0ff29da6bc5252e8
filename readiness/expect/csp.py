"""Content Security Policy (CSP Level 3) by the thresholds of MDN's HTTP Observatory.

https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

ANYWHERE = frozenset({"*", "http:", "https:", "ftp:", "http://*", "https://*", "http://*.*", "https://*.*"})
INLINE = frozenset({"'unsafe-inline'", "data:"})
INSECURE = ("http:", "ftp:")
HASH_OR_NONCE = ("'nonce-", "'sha256-", "'sha384-", "'sha512-")
PASSIVE = frozenset({"img-src", "media-src"})
"""Directives for content that runs nothing."""
NO_SOURCES = frozenset({"report-uri", "report-to"})

Policy = Mapping[str, tuple[str, ...]]


def parse_policies(values: Sequence[str]) -> tuple[Policy, ...]:
    """Every policy of the headers; a comma begins the next one, and the first of equal directives counts."""
    texts = [text for value in values for text in value.split(",") if text.strip(" ;")]
    return tuple(_parse(text) for text in texts)


def frame_ancestors(policies: Sequence[Policy]) -> tuple[tuple[str, ...], ...]:
    """What each policy says of framing, where it does; all of them hold."""
    return tuple(policy["frame-ancestors"] for policy in policies if "frame-ancestors" in policy)


def faults(policies: Sequence[Policy], *, https: bool) -> tuple[str, ...]:
    """What makes the policies too weak; nothing where one of them is strong enough, as all of them hold."""
    found = [tuple(_faults(policy, https=https)) for policy in policies]
    return min(found, key=len, default=("there is none",))


def _parse(text: str) -> Policy:
    directives: dict[str, tuple[str, ...]] = {}
    for directive in text.split(";"):
        words = directive.split()
        if words:
            directives.setdefault(words[0].lower(), tuple(_folded(word) for word in words[1:]))
    return directives


def _folded(word: str) -> str:
    """Keywords and schemes know no case; nonces and hashes do, and only their beginning matters here."""
    return word.lower()


def _faults(policy: Policy, *, https: bool) -> Iterator[str]:
    scripts, styles = _effective(policy, "script-src"), _effective(policy, "style-src")
    objects = _effective(policy, "object-src")
    yield from (f"script-src allows {source}" for source in scripts if source in ANYWHERE | INLINE)
    yield from (f"object-src allows {source}" for source in objects if source in ANYWHERE)
    if "'unsafe-eval'" in (*scripts, *styles):
        yield "it allows 'unsafe-eval'"
    if "'strict-dynamic'" in scripts and not _vouched(scripts):
        yield "'strict-dynamic' without a nonce or hash allows no script"
    if https:
        yield from _insecure(policy, scripts)


def _effective(policy: Policy, directive: str) -> tuple[str, ...]:
    """The sources that hold: its own, else the default's, else any; without what a browser ignores."""
    sources = policy.get(directive, policy.get("default-src", ("*",)))
    if not _vouched(sources):
        return sources
    ignored = {"'unsafe-inline'"}
    if directive == "script-src" and "'strict-dynamic'" in sources:
        ignored |= ANYWHERE | {"'self'"}
    return tuple(source for source in sources if source not in ignored)


def _vouched(sources: Sequence[str]) -> bool:
    return any(source.startswith(HASH_OR_NONCE) for source in sources)


def _insecure(policy: Policy, scripts: Sequence[str]) -> Iterator[str]:
    """Sources without TLS for content that can run something."""
    passive = PASSIVE | NO_SOURCES | {"script-src"}
    others = (source for directive, sources in policy.items() if directive not in passive for source in sources)
    for source in (*scripts, *others):
        if source.startswith(INSECURE):
            yield f"it allows {source} for active content"
