"""The checklist back: ticked boxes, a filled-in sign-off block, and nothing that a stranger could inject."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from readiness.checklist.model import State
from readiness.report import gfm, markdown
from readiness.report.model import SectionRecord
from readiness.report.words import short, web_address
from readiness.signoff.model import Code
from tests.report import pages
from tests.report.hostile import HOSTILE, hostile
from tests.report.pages import (
    APPROVED,
    COMPLETED,
    SIGNED_OFF,
    finding,
    of_states,
    report,
    result,
    verification,
)

ERIN = "`erin@kamiyo.example`"
GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(document: str) -> Iterator[Token]:
    for token in GFM.parse(document):
        yield token
        yield from token.children or ()


def shown(document: str) -> str:
    """The words that a reader sees, code among them."""
    return " ".join(token.content for token in tokens(document) if token.type in {"text", "code_inline"})


def bare(document: str) -> str:
    """The source without code and without links: where GitHub makes addresses into links."""
    return re.sub(r"<https?://[^>\n]*>|(?<!\\)(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", document)


def plain(document: str) -> str:
    """The words outside code: what GitHub looks through for mentions and references."""
    return "".join(token.content if token.type == "text" else " " for token in tokens(document))


def test_every_state_has_its_box() -> None:
    lines = markdown.render(of_states()).splitlines()
    assert "## 1.1 API keys" in lines
    for line in (
        "- [ ] **The title of group** — failed `group`",
        "  - [ ] The title of group.bad — failed `group.bad`",
        "    - the status is 200; observed `500`; expected `200`",
        "  - [x] The title of group.good",
        "    - the status is 200: `200 OK`",
        "- [ ] **The title of odd** — error `odd`",
        "  - Stripe answered 503",
        "- [ ] **The title of look** — pending `look`",
        "- [ ] **The title of old** — pending `old`",
        "  - expired 217 days ago",
        "- [ ] **The title of later** — not looked at `later`",
        "- [x] *n/a:* **The title of elsewhere**",
        "  - only for staging",
        "- [x] **The title of said**",
        f"  - attested by {ERIN} on 2026-11-20: Looked at it in live mode. (<https://dashboard.example/portal>)",
        "- [ ] **The title of waived** — failed, **waived** until 2026-12-20 `waived`",
    ):
        assert line in lines


def test_the_head_and_what_needs_attention() -> None:
    text = markdown.render(of_states())
    assert text.startswith(
        "# Checkout production readiness\n\n✗ **NOT READY**: Something is in the way. Not signed yet"
    )
    assert "**Status:** Pre-Production Testing\\\n**Last Updated:** 2025-10-28\\\n**Version:** 1.0\\\n" in text
    assert f"**Commit:** `{pages.COMMIT}`" in text
    assert "- ✗ failed: **The title of group.bad** `group.bad`" in text
    assert "  - Fix: Cure group.bad." in text
    assert "- 2 items waiting for a person" in text
    assert "- waiver `W-1` expired: Two pixels off" in text


def test_the_sign_off_block_of_the_seed_is_filled_in() -> None:
    block = markdown.render(report(), SIGNED_OFF).partition("## Sign-off\n\n")[2]
    assert block.startswith(
        "**Completed by:** Carol Example (`carol@kamiyo.example`), key `SHA256:CarolCarolCarolCarol`, verified\\\n"
        "**Date:** 2026-11-24 09:30 UTC\\\n"
        "**Approved by:** Dan Example (`dan@kamiyo.example`), key `SHA256:DanDanDanDan`, verified\\\n"
        "**Date:** 2026-11-24 10:10 UTC\\\n"
        "**Two persons:** met"
    )
    assert "**Production Deployment Date:** 2026-11-24 15:30 UTC (planned); deployed 2026-11-24 16:30 UTC\n" in block
    assert block.endswith("**Version History:**\n\n- v1.0 (2025-10-28): Initial checklist created\n")


def test_the_empty_block_has_lines_to_write_on() -> None:
    block = markdown.render(report()).partition("## Sign-off\n\n")[2]
    assert block.startswith(
        "**Completed by:** _______________________ (not signed yet)\\\n"
        "**Date:** _______________________\\\n"
        "**Approved by:** _______________________ (not signed yet)\\\n"
    )
    assert "**Production Deployment Date:** _______________________\n" in block


def test_signatures_that_do_not_hold_are_in_the_first_line() -> None:
    broken = replace(APPROVED, finding=finding(Code.SIG_INVALID))
    text = markdown.render(report(), verification(COMPLETED, broken, findings=(finding(Code.SIG_INVALID),)))
    assert "✗ **INVALID** (`SIG_INVALID`): It does not hold. Not signed off. Fix: cure SIG_INVALID" in text
    assert "NOT VALID: SIG_INVALID" in text
    assert "**READY**" not in text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_strangers_text_stays_text(text: str) -> None:
    document = markdown.render(*hostile(text))
    harmless = markdown.render(*hostile("harmless"))
    found = list(tokens(document))
    assert not [token for token in found if token.type in {"html_block", "html_inline", "image", "fence", "code_block"}]
    assert not [token for token in found if token.type in {"table_open", "blockquote_open", "s_open"}]
    headings = [token.tag for token in found if token.type == "heading_open"]
    assert headings == [token.tag for token in tokens(harmless) if token.type == "heading_open"]
    assert not [token for token in found if token.type == "ordered_list_open" and token.attrGet("start")]
    for token in found:
        if token.type == "link_open":
            assert token.info == "auto"
            assert web_address(str(token.attrGet("href")))
    assert not re.search(r"@[A-Za-z0-9]|#[0-9]|GH-[0-9]", plain(document))
    assert not re.search(r"[A-Za-z]://|[Ww]{3}\.", bare(document))
    assert not re.search(r"^\s*::", document, re.MULTILINE)
    boxes = re.findall(r"^ *- \[[ x]\]", document, re.MULTILINE)
    assert boxes == re.findall(r"^ *- \[[ x]\]", harmless, re.MULTILINE)


@pytest.mark.parametrize("text", [text for text in HOSTILE if text and "\n" not in text], ids=str.__len__)
def test_escaped_text_is_shown_as_it_was(text: str) -> None:
    wanted = short(text, 5000)
    for made in (gfm.text(text, 5000), gfm.words(text, 5000), gfm.code(text, 5000)):
        assert shown(made).replace("\u200b", "") == wanted


def test_a_link_is_an_address_or_code() -> None:
    assert gfm.link("https://a.example/x") == "<https://a.example/x>"
    assert gfm.link("javascript:alert(1)") == "`javascript:alert(1)`"


def many(number: int, width: int) -> str:
    words = "word " * (width // 5)
    items = [
        result(f"item.{index}", title=words, outcomes=(pages.outcome(State.PASS, message=words, observed=words),))
        for index in range(number)
    ]
    return markdown.render(
        report(items, sections=(SectionRecord(id="1.1", title=words, state=State.PASS),)), SIGNED_OFF
    )


@pytest.mark.parametrize(("number", "width"), [(3, 20), (250, 20), (250, 100), (250, 1000), (5000, 100)])
def test_it_fits_into_a_comment(number: int, width: int) -> None:
    """Evidence goes first, then items; the sign-off block never does, and what is missing is said."""
    text = many(number, width)
    assert len(text) <= markdown.LIMIT
    assert "**Production Deployment Date:** 2026-11-24 15:30 UTC" in text
    left = text.count("\n- [x]")
    assert ("more lines would not fit here; report.json holds all" in text) is (left < number)


def test_evidence_is_the_first_to_go() -> None:
    assert "  - word word" in many(3, 100)
    assert many(300, 100).count("\n- [x]") == 300
    assert "  - word word" not in many(300, 100)
