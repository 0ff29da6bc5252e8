"""The page for people: what it says, and that strangers' text stays text."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from readiness.checklist.model import State
from readiness.report import html, json
from readiness.report.model import Report, SectionRecord
from readiness.signoff.model import Code, Decision, SignOff, Verification
from tests.report import pages
from tests.report.html_tree import Element, parse
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


def page(made: Report | None = None, verified: Verification | None = None) -> Element:
    return parse(html.render(made or report(), verified))


def facts(tree: Element) -> dict[str, str]:
    pairs = tree.one("dl", cls="facts").all("div")
    return {pair.one("dt").text: pair.one("dd").text for pair in pairs}


def table(tree: Element) -> dict[str, list[str]]:
    """Row header to its cells, of the sign-off table; of rows with one header the last counts."""
    rows = tree.section("sign-off").one("tbody").all("tr")
    return {row.one("th").text: [cell.text for cell in row.all("td")] for row in rows}


def test_a_signed_report_says_all_that_a_release_manager_asks() -> None:
    tree = page(verified=SIGNED_OFF)
    assert tree.one("h1").text == "Checkout production readiness"
    assert tree.one("h2", id="verdict").text == "✓ READY"
    assert "Signed off by 2 persons; every signature was verified." in tree.one("section", cls="verdict").text
    assert facts(tree) == {
        "Commit": "3f1c2ab9d0e1",
        "Environment": "production gate release",
        "Checked at": "2026-11-24 08:00 UTC",
        "Planned deployment": "2026-11-24 15:30 UTC",
        "Passed": "2 of 2",
        "Waived": "0",
        "Attested": "0",
        "Valid until": "2026-11-27 09:30 UTC",
    }
    rows = table(tree)
    assert rows["Completed by"] == [
        "Carol Examplecarol@kamiyo.example",
        "2026-11-24 09:30 UTCuntil 2026-11-27 09:30 UTC",
        "SHA256:CarolCarolCarolCarol ssh-ed25519",
        "✓ verified",
    ]
    assert rows["Approved by"][0] == "Dan Exampledan@kamiyo.example“Looked at the load test.”"
    assert rows["Approved by"][1].startswith("2026-11-24 10:10 UTC")
    assert rows["Two persons"][0].startswith("✓ met")
    assert rows["Production deployment date"] == [
        "planned 2026-11-24 15:30 UTC; deployed 2026-11-24 16:30 UTC, sha256:77, by dan"
    ]
    assert "Nothing: every item passed" in tree.section("attention").text
    assert "Who may sign comes from origin/main at 3f1c2ab." in tree.section("sign-off").text
    assert "First release" in tree.section("change").text
    assert "9f" * 32 in tree.section("verify").text


def test_nobody_has_signed() -> None:
    tree = page()
    assert tree.one("h2", id="verdict").text == "✓ READY"
    assert "Not signed yet" in tree.one("section", cls="verdict").text
    rows = table(tree)
    assert rows["Completed by"] == rows["Approved by"] == rows["Two persons"] == ["not signed yet"]
    assert "verified" not in tree.section("sign-off").text
    assert facts(tree)["Valid until"] == "said at sign-off"


def test_the_digest_is_that_of_report_json() -> None:
    made = report()
    digest = hashlib.sha256(json.render(made).encode()).hexdigest()
    assert digest in page(made).section("verify").text
    assert "ab" * 32 in html.render(made, digest="ab" * 32)


@pytest.mark.parametrize(
    ("code", "word", "tone"),
    [
        (Code.REPORT_DIGEST, "✗ INVALID", "bad"),
        (Code.SIG_INVALID, "✗ INVALID", "bad"),
        (Code.STALE, "✗ NOT VALID", "bad"),
        (Code.WRONG_TARGET, "✗ NOT VALID", "bad"),
        (Code.REJECTED, "✗ REJECTED", "bad"),
        (Code.NOT_READY, "✗ NOT READY", "bad"),
        (Code.TRUST, "! UNVERIFIED", "unknown"),
        (Code.THRESHOLD, "… WAITING", "wait"),
    ],
)
def test_what_a_signature_lacks_is_the_headline(code: Code, word: str, tone: str) -> None:
    """A report that says ready is never shown as ready where its signatures do not hold."""
    wrong = verification(
        COMPLETED, replace(APPROVED, finding=finding(code)), findings=(finding(code),), two_person=False
    )
    tree = page(verified=wrong)
    banner = tree.one("section", cls="verdict")
    assert banner.one("h2").text == word
    assert banner.has(cls=tone)
    assert banner.has(cls="alarm") is (code in {Code.REPORT_DIGEST, Code.SIG_INVALID})
    assert "It does not hold" in banner.text
    assert f"cure {code}" in banner.text
    assert "Not signed off." in banner.text
    assert f"✗ NOT VALID: {code}" in tree.section("sign-off").text
    assert "READY" not in page(verified=wrong).one("title").text.replace("NOT READY", "")


def test_a_failing_report_is_not_ready_whatever_was_signed() -> None:
    failing = report([result("a", State.FAIL)])
    for verified in (None, SIGNED_OFF, verification(COMPLETED, findings=(finding(Code.THRESHOLD),))):
        assert page(failing, verified).one("h2", id="verdict").text == "✗ NOT READY"


def test_every_other_finding_is_told_too() -> None:
    both = verification(COMPLETED, findings=(finding(Code.THRESHOLD, "one is missing"), finding(Code.STALE, "too old")))
    banner = page(verified=both).one("section", cls="verdict")
    assert "Too old. STALE" in banner.one("p", cls="because").text
    assert banner.one("ul", cls="findings").one("li").text == "One is missing. THRESHOLD Fix cure THRESHOLD"


def test_a_signature_that_nobody_asked_for_does_not_spoil_it() -> None:
    extra = replace(APPROVED, signer="mallory", finding=finding(Code.UNKNOWN_KEY))
    banner = page(verified=verification(COMPLETED, APPROVED, extra)).one("section", cls="verdict")
    assert "Signed off by 2 persons; 1 other does not count." in banner.text
    banner = page(verified=verification(extra, required={})).one("section", cls="verdict")
    assert "Not signed yet" in banner.text


def test_an_item_of_no_section_and_a_part_of_nothing_are_shown() -> None:
    made = report([result("a"), result("b", State.FAIL, section="9"), result("c", State.FAIL, parent="gone")])
    text = page(made).section("items").text
    assert "9 (no such section)" in text
    assert "✗ failed The title of b" in text
    assert "✗ failed The title of c" in text


def test_signatures_that_do_not_hold_say_nothing_of_the_release() -> None:
    broken = replace(APPROVED, finding=finding(Code.SIG_INVALID))
    tree = page(verified=verification(broken, findings=(finding(Code.SIG_INVALID),)))
    assert facts(tree)["Planned deployment"] == "said at sign-off"
    assert "First release" not in tree.section("change").text


def test_a_rejection_has_its_own_line() -> None:
    rejected = replace(APPROVED, decision=Decision.REJECT)
    rows = table(page(verified=verification(COMPLETED, rejected, findings=(finding(Code.REJECTED),))))
    assert rows["Rejected by"][3] == "✗ REJECTED, verified"
    assert rows["Approved by"] == ["not signed yet: 1 person required"]


def test_without_trust_nothing_is_verified() -> None:
    unknown = verification(trust=None, required={}, valid_until=None, two_person=False, findings=(finding(Code.TRUST),))
    tree = page(verified=unknown)
    assert table(tree)["Approved by"] == ["not verified: nothing says who may sign"]
    assert "Nothing here is verified" in tree.section("sign-off").text
    assert "✓ verified" not in tree.text


@pytest.mark.parametrize(
    ("sign_offs", "together", "says"),
    [
        ((COMPLETED,), False, "waiting for the other person"),
        ((COMPLETED, APPROVED), True, "✓ met"),
        ((COMPLETED, APPROVED), False, "✗ not met"),
    ],
)
def test_the_two_person_row(sign_offs: tuple[SignOff, ...], together: bool, says: str) -> None:
    found = verification(*sign_offs, two_person=together)
    assert table(page(verified=found))["Two persons"][0].startswith(says)


def test_what_needs_attention_comes_worst_first() -> None:
    attention = page(of_states()).section("attention")
    titles = [heading.text for heading in attention.all("h3")]
    assert titles == [
        "Failed (1)",
        "Could not be verified (1)",
        "Waiting for a person (2)",
        "Not looked at (1)",
        "Waived (1)",
        "Waivers to look at (3)",
        "Passed only when looked at again (1)",
    ]
    text = attention.text
    assert "Fix Cure group.bad." in text
    assert "observed500 expected200" in text
    assert "expired 217 days ago" in text
    assert "expired: W-1" in text
    assert "ends within 14 days: W-2" in text
    assert "covers nothing: W-3" in text
    assert "Waived until 2026-12-20 00:00 UTC by rm@kamiyo.example, asked by erin@kamiyo.example (W-7" in text


def test_every_item_stands_below_its_section_with_who_decided_it() -> None:
    made = of_states()
    items = page(made).section("items")
    for one in made.results:
        assert items.text.count(f"The title of {one.id} ") == 1
    assert "Attested by erin@kamiyo.example, 2026-11-20 14:02 UTC, holds until 2027-02-18 14:02 UTC." in items.text
    assert "no longer counts" in items.text
    assert "check http, only at attempt 3" in items.text
    assert "○ not applicable" in items.text
    assert "soc2:CC8.1" in page(made).section("change").text
    counted = "3 of 9 passed, 2 failed, 1 error, 2 pending, 1 not looked at"
    assert counted in items.text
    assert counted in page(made).section("overview").text


def test_notes_contacts_and_history_of_the_document() -> None:
    text = page().text
    for words in ("CORS errors", "Look at the headers.", "https://support.stripe.example", "Initial checklist created"):
        assert words in text


def test_it_is_the_same_page_every_time() -> None:
    made = of_states()
    assert html.render(made, SIGNED_OFF) == html.render(made, SIGNED_OFF)


def test_it_is_accessible() -> None:
    tree = page(of_states(), SIGNED_OFF)
    assert tree.one("html").attributes["lang"] == "en"
    levels = [int(element.tag[1]) for element in tree.every() if re.fullmatch(r"h[1-6]", element.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(header.attributes.get("scope") in {"row", "col"} for header in tree.all("th"))
    names = [element.attributes["id"] for element in tree.every() if "id" in element.attributes]
    assert len(names) == len(set(names))
    labels = {
        element.attributes["aria-labelledby"] for element in tree.every() if "aria-labelledby" in element.attributes
    }
    assert labels <= set(names)


def many(number: int) -> Report:
    """As many items as that, in sections of ten, with three assertions each."""
    items = [
        result(f"item.{index}", section=str(index // 10), outcomes=(pages.outcome(State.PASS),) * 3)
        for index in range(number)
    ]
    sections = [
        SectionRecord(id=str(index), title=f"Section {index}", state=State.PASS) for index in range(number // 10)
    ]
    return report(items, sections=tuple(sections))


def test_three_hundred_items_are_quick_and_small() -> None:
    """Measured: 0.1 s and 170 kB; the bound leaves room for a slow machine."""
    made = many(300)
    html.render(made)
    begin = time.thread_time()
    rendered = html.render(made, SIGNED_OFF)
    assert time.thread_time() - begin < 1
    assert len(rendered.encode()) < 300_000
