"""JUnit and SARIF: nothing that was not seen counts as seen."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from readiness.report import junit, sarif
from tests.engine import Folder

ITEMS = """
    good: {title: Good, check: t.local}
    bad: {title: Bad, check: t.local, fix: repair it, with: {does: [fail]}}
    blind: {title: Blind, check: t.local, retries: 0, with: {does: [cannot]}}
    person: {title: Person, manual: look}
    needy: {title: Needy, check: t.local, needs: bad}
    elsewhere: {title: Elsewhere, check: t.local, when: {place: moon}}
"""


@pytest.fixture
def filled(folder: Folder) -> Folder:
    folder.checklist(ITEMS, head="vars: {place: earth}")
    return folder


def test_junit_has_a_case_an_item_and_tells_them_apart(filled: Folder) -> None:
    root = ET.fromstring(junit.render(filled.observe()))  # noqa: S314 - our own document
    kinds = {case.attrib["name"].partition(":")[0]: [part.tag for part in case] for case in root.iter("testcase")}
    assert kinds == {
        "good": [],
        "bad": ["failure"],
        "blind": ["error"],
        "person": ["skipped"],
        "needy": ["skipped"],
        "elsewhere": ["skipped"],
    }
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("6", "1", "1")
    assert root.find("testsuite/testcase/failure") is not None
    assert "repair it" in junit.render(filled.observe())


def test_junit_is_the_strict_dialect(filled: Folder) -> None:
    root = ET.fromstring(junit.render(filled.observe()))  # noqa: S314 - our own document
    for case in root.iter("testcase"):
        assert set(case.attrib) == {"name", "classname", "time"}
        assert len(case.attrib["time"].partition(".")[2]) <= 3


def test_sarif_says_fail_only_of_a_fail(filled: Folder) -> None:
    (run,) = json.loads(sarif.render(filled.observe()))["runs"]
    kinds = {result["ruleId"]: (result["kind"], result["level"]) for result in run["results"]}
    assert kinds == {
        "good": ("pass", "none"),
        "bad": ("fail", "error"),
        "blind": ("review", "none"),
        "person": ("open", "none"),
        "needy": ("open", "none"),
    }
    assert run["automationDetails"]["id"] == "readiness/default/"
    assert len({result["partialFingerprints"]["readiness/v1"] for result in run["results"]}) == len(run["results"])
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]][:2] == ["good", "bad"]
