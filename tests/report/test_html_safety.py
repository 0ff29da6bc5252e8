"""The page for people: strangers' text stays text, nothing is loaded, nothing runs."""

from __future__ import annotations

import hashlib
import re
import shlex
from base64 import b64encode

import pytest

from readiness.report import html
from readiness.report.model import AttestedEvidence
from tests.report import pages
from tests.report.hostile import HOSTILE, hostile
from tests.report.html_tree import parse
from tests.report.pages import SIGNED_OFF, of_states, report, result

TAGS = set(
    re.findall(
        r"[a-z0-9]+",
        "html head meta title style body main header section h1 h2 h3 h4 p span b br code pre a ul ol li dl dt dd div"
        " table thead tbody tr th td svg rect details summary document",
    )
)
ATTRIBUTES = set(
    re.findall(
        r"[a-z-]+",
        "charset http-equiv content name lang class id aria-labelledby aria-hidden title role scope colspan data-label"
        " href rel viewbox preserveaspectratio x y width height fill open",
    )
)
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e0fff]"
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_strangers_text_stays_text(text: str) -> None:
    rendered = html.render(*hostile(text))
    tree = parse(rendered)
    elements = tree.every()
    assert {element.tag for element in elements} <= TAGS
    assert {name for element in elements for name in element.attributes} <= ATTRIBUTES
    for anchor in tree.all("a"):
        assert re.match(r"#s[0-9]+$|https?://[a-z]", anchor.attributes["href"])
    shown = rendered.partition("</style>")[2]
    assert not re.search(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown
    )
    assert not re.search(r"^\s*::", shown, re.MULTILINE)
    assert "49" not in (tree.one("h1").text if "7 * 7" in text else "")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "ftp://x.example", "//x.example", "https://", "https://a@b.example",
     "https://a b.example", "https://x.example/\u202e", "HTTPS:x", "http://[::1"],
)  # fmt: skip
def test_only_web_addresses_become_links(address: str) -> None:
    said = pages.attestation(evidence=AttestedEvidence(url=address))
    tree = parse(html.render(report([result("a", attestation=said)], contacts=())))
    assert all(anchor.attributes["href"].startswith("#") for anchor in tree.all("a"))


@pytest.mark.parametrize("name", ["a b", "x; touch owned", "$(id)", "`id`", "it's", "-v", "\n id"])
def test_the_commands_to_copy_take_a_name_as_one_word(name: str) -> None:
    page = parse(html.render(report(environment=name, commit=name)))
    command = page.section("verify").all("pre")[0].text.partition("sha256sum")[0]
    assert shlex.split(command) == [
        "readiness",
        "verify",
        "report.json",
        "--env",
        name.strip(),
        "--commit",
        name.strip(),
    ]


def test_nothing_is_loaded_and_nothing_runs() -> None:
    """The policy names exactly the style that is there; no attribute holds style or script."""
    tree = parse(html.render(of_states(), SIGNED_OFF))
    policy = tree.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    style = "".join(str(part) for part in tree.one("style").parts)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    names = {name for element in tree.every() for name in element.attributes}
    assert not {name for name in names if name in {"style", "src", "srcset"} or name.startswith("on")}
    assert not re.search(r"url\(|@import|@font-face", style)
