"""Where pyspf 2.0.14 departs from RFC 7208, each with a way to take the occasion for it out of a world."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from readiness.mail.spf.identity import Identity
from readiness.mail.spf.syntax import parse
from tests.mail.spf_cases import World

MACRO = r"%\{[slodiphcrtv](?!0+[^0-9])[0-9]*r?[-.+,/_=]*\}"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Something that pyspf does otherwise."""

    what: str
    section: str
    """Of RFC 7208: what we follow."""
    without: Callable[[World], World]


def _rewritten(world: World, change: Callable[[str, str], str]) -> World:
    """With every TXT record changed, given the name that it belongs to."""

    def new(name: str, record: object) -> object:
        return change(name, record.decode("latin-1")).encode("latin-1") if isinstance(record, bytes) else record

    texts = {
        key: tuple(new(key[0], record) for record in found)
        for key, found in world.zone.items()
        if key[1] == "TXT" and found
    }
    return replace(world, zone={**world.zone, **texts})


def _small_letters(world: World) -> World:
    pattern = re.compile(r"(?<= )(exp|redirect)(?==)|%\{[a-z]\d*R", re.IGNORECASE)
    return _rewritten(world, lambda _, text: pattern.sub(lambda found: found[0].lower(), text))


def _sound_macros(world: World) -> World:
    pattern = re.compile(rf"(%%|%_|%-|{MACRO})|%\{{[^}}]*\}}|%", re.IGNORECASE)
    return _rewritten(world, lambda _, text: pattern.sub(lambda found: found[1] or "%{d}", text))


def _visible(world: World) -> World:
    return _rewritten(world, lambda _, text: re.sub(r"[\x00-\x1f\x7f]", "x", text))


def _no_repetition(world: World) -> World:
    def new(_: str, text: str) -> str:
        names = [name for name in parse(text).modifiers if name not in ("exp", "redirect")]
        twice = "|".join(re.escape(name) for name in names if names.count(name) > 1)
        return re.sub(rf"(?<= )(?:{twice})=\S*", "", text, flags=re.IGNORECASE) if twice else text

    return _rewritten(world, new)


def _no_own_include(world: World) -> World:
    identity = Identity.of(world.ip, world.domain, world.sender, world.helo, "unknown")

    def is_own(name: str, term: str) -> bool:
        for directive in parse(f"v=spf1 {term}").directives:
            if directive.mechanism == "include" and directive.target:
                target = directive.target.expand(lambda letter: name if letter == "d" else identity.value(letter))
                return target.removesuffix(".").lower() == name
        return False

    return _rewritten(world, lambda name, text: " ".join(term for term in text.split(" ") if not is_own(name, term)))


def _no_name_macro(world: World) -> World:
    return _rewritten(world, lambda _, text: re.sub(r"%\{p", "%{h", text, flags=re.IGNORECASE))


def _no_bare_exists(world: World) -> World:
    return _rewritten(world, lambda _, text: re.sub(r"(?<= )([-+?~]?exists)(?= |$)", r"\1:", text, flags=re.IGNORECASE))


def _prompt_names(world: World) -> World:
    slow = {key: () for key, found in world.zone.items() if found is None and key[1] in ("A", "AAAA", "PTR")}
    return replace(world, zone={**world.zone, **slow})


def _no_redirect_in_excess(world: World) -> World:
    records = [parse(record.decode("latin-1")) for record in world.records]
    if sum(one.mechanism.asks for record in records for one in record.directives) < 5:  # far from the limit
        return world
    return _rewritten(world, lambda _, text: re.sub(r"(?<= )redirect=\S+", "", text, flags=re.IGNORECASE))


def _short_explanation(world: World) -> World:
    return _rewritten(world, lambda _, text: re.sub(r"(?<= )exp=[a-z.]+", "exp=exp.example", text, flags=re.IGNORECASE))


DIFFERENCES = (
    Difference(
        what="`Exp=` and `Redirect=` are unknown modifiers, and R in a macro is no transformer",
        section="12 with RFC 5234 2.3: the words of the grammar are the same in upper and lower case",
        without=_small_letters,
    ),
    Difference(
        what="`%{d0}`, and anything else between braces or after `%%%`, is expanded",
        section="7.1 and 7.3: what is no macro is a syntax error, a number of parts is not 0",
        without=_sound_macros,
    ),
    Difference(
        what="control characters may be in a modifier's value",
        section="7.1: macro-literal holds visible characters only",
        without=_visible,
    ),
    Difference(
        what="an unknown modifier may be there once only",
        section="6: `redirect` and `exp` may, all others are ignored",
        without=_no_repetition,
    ),
    Difference(
        what="an include of the domain itself is a syntax error",
        section="5.2 and 4.6.4: it is none, and ends at the limit of lookups where it is reached",
        without=_no_own_include,
    ),
    Difference(
        what="`exists` with a qualifier and without a domain asks for the domain itself",
        section="5.7: it is a syntax error",
        without=_no_bare_exists,
    ),
    Difference(
        what="`%{p}` is looked up, and may fail, for terms that are never evaluated",
        section="4.6 and 7.3: macros are expanded where a term is evaluated; DNS errors make it `unknown`",
        without=_no_name_macro,
    ),
    Difference(
        what="a DNS error about the names of the address ends the evaluation",
        section="5.5: that name does not match, and the search goes on",
        without=_prompt_names,
    ),
    Difference(
        what="a redirect counts as a lookup although it is not followed",
        section="4.6.4 and 6.1: what is evaluated counts",
        without=_no_redirect_in_excess,
    ),
    Difference(
        what="an explanation of more than 253 characters loses its beginning",
        section="7.3: that is for names in queries",
        without=_short_explanation,
    ),
)
