"""What people write instead of SPF, and how to tell them: hints for terms, and records that only look like one."""

from __future__ import annotations

import re

FLAGS = re.ASCII | re.IGNORECASE | re.DOTALL
BLANK = "a blank is missing in front of {!r}, lost perhaps where the record was cut into strings"
LOST_BLANK = re.compile(
    r"[-+?~]?[^-+?~].*?((?:include|exists|ip4|ip6|ptr|mx):.*|(?:redirect|exp)=.*|v=spf1.*|[-~?+]all\Z)", FLAGS
)
MOST = 500
"""Characters that are looked at: people's mistakes are shorter, and patterns stay quick."""
TERMS = {
    r".*[\x00-\x1f\x7f].*": "a tab, line break or other control character is in it; terms are separated by blanks",
    r".*[\"'`\\].*": "a quotation mark or backslash is part of the record; enter the value without quotes",
    r".*[,;]": "terms are separated by blanks, not by commas or semicolons",
    r"[-+?~]?ip(?:v[46])?[:=].*": "the mechanism is called ip4 or ip6",
    r"[-+?~]?(?:(?:a|mx|include):)?\d+(?:\.\d+){3}(?:/\d+)?": "an address needs the mechanism ip4, as in ip4:192.0.2.1",
    r"[-+?~]?ip4:\d+(?:\.\d+){3}:\d+": "a port has no meaning here",
    r"[-+?~]?ip4:\d+(?:\.\d+){0,2}\.?(?:/\d+)?": "all four numbers of the address are needed, as in 192.0.2.0/24",
    r"[-+?~]?(?:ip4:.*:.*:.*|ip6:\d+(?:\.\d+){3}(?:/\d+)?)": "IPv4 addresses go with ip4, IPv6 addresses with ip6",
    r"[-+?~]?(?:a|mx)\b[^/]*/\d+/\d+": "a prefix length for IPv6 comes after two slashes, as in a/24//64",
    r"(?:redirect|exp):.*": "a modifier takes `=` instead of `:`",
    r"[-+?~]+(?:al|alll|all\.|a11|ail|al1)": "the mechanism is called all, with one sign in front",
}
ALMOST = {
    r"[\s\ufeff\u00a0]+v=spf1\b.*": "it begins with a blank",
    r"[\"'`\u201c\u201d\u2018\u2019\\]+\s*v=spf1\b.*": "it begins with a quotation mark that is part of the record",
    r"v=spf1\s.*": "v=spf1 has to be followed by a blank, not by a tab or line break",
    r"v=spf1[^ 0-9.].*": "a blank is missing after v=spf1",
    r"v=spf[02-9]\S*.*|v=spf1[0-9.].*|v=spf(?:\s.*)?": "the version has to be exactly v=spf1",
    r"spf2\.\d\b.*": "it is a Sender ID record, which nobody evaluates any more",
    r"spf1?[\s:=].*": "it does not begin with v=spf1",
    r"v\s*[=:]?\s*spf.*|[vy]=[s5]p[fr][1li].*|v=[a-z]{3}1\s+(?=.*[-~?]all\b).*": "the version has to be exactly v=spf1",
    r"[-+?~]?(?:include:|a\b|mx\b|ip4:|ip6:)[^=]*[-~?+]all\W*": "it does not begin with v=spf1",
    r".*\bv=spf1\b.*": "v=spf1 has to be at its very beginning",
}
"""Records that were meant to be one, by how they begin."""
MECHANISMS = frozenset(
    {"all", "include", "includes", "a", "mx", "ptr", "ip", "ip4", "ip6", "ipv4", "ipv6", "exists", "v"}
)
"""Names that make no sense as those of a modifier."""


def hint(term: str) -> str | None:
    """Why people write such a term, where it is a common mistake."""
    why = _first(TERMS, term)
    lost = None if why else LOST_BLANK.fullmatch(term[:MOST])
    return BLANK.format(lost[1]) if lost else why


def almost(text: str) -> str | None:
    """What keeps a text from being an SPF record (4.5), where it was meant to be one."""
    return _first(ALMOST, text)


def _first(table: dict[str, str], text: str) -> str | None:
    beginning = text[:MOST]
    return next((why for pattern, why in table.items() if re.fullmatch(pattern, beginning, FLAGS)), None)
