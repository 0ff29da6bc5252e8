"""DMARC records: RFC 9989 4.7 and 4.8."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.mail.dmarc import Alignment, DmarcRecord, Policy, is_record, near_miss, read_record


def codes(record: DmarcRecord) -> list[str]:
    return [problem.code for problem in record.problems]


@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC1; p=none",
        "v=DMARC1;p=none;",
        "V = DMARC1 ;\tP = NONE ; ",
        "v=DMARC1; p=none; sp=reject; np=reject; t=n; psd=u; adkim=s; aspf=r; fo=1:d:s; ruf=mailto:a@x.test",
        "v=DMARC1; p=none; rua=mailto:a@x.test , mailto:b%2Cc@sub.y.test?subject=hi",
        "v=DMARC1; p=none; rua=mailto:a@bücher.example",
    ],
)
def test_correct_records(text: str) -> None:
    record = read_record(text)
    assert codes(record) == ([] if text.isascii() else ["characters"])
    assert record.policy is Policy.NONE
    assert record.applies
    assert record == read_record(text.encode())


def test_all_that_a_record_says() -> None:
    record = read_record(
        "v=DMARC1; p=reject; sp=quarantine; t=y; psd=n; adkim=s; rua=mailto:a@x.test!10m,mailto:B@Y.test"
    )
    assert (record.p, record.sp, record.np) == (Policy.REJECT, Policy.QUARANTINE, None)
    assert (record.policy, record.subdomain_policy, record.nonexistent_policy) == ("reject", "quarantine", "quarantine")
    assert record.effective(record.policy) is Policy.QUARANTINE
    assert record.effective(record.subdomain_policy) is Policy.NONE
    assert record.effective(Policy.NONE) is Policy.NONE
    assert (record.testing, record.psd) == (True, "n")
    assert (record.adkim, record.aspf) == (Alignment.STRICT, Alignment.RELAXED)
    assert [uri.domain for uri in record.rua] == ["x.test", "y.test"]
    assert "obsolete" in " ".join(record.notes)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("v=DMARC1", "no_policy", "p= is not there"),
        ("v=DMARC1; rua=mailto:a@x.test", "no_policy", "p= is not there"),
        ("v=DMARC1; p=monitor", "invalid_value", "p=monitor is not one of none, quarantine, reject"),
        ("v=DMARC1; p=", "invalid_value", "p="),
        ('v=DMARC1; p="reject"', "stray_quotes", '"'),
        ("v=DMARC1; p=reject p=none", "invalid_value", "reject p=none"),
        ("v=DMARC1; p=none; sp=all", "invalid_value", "sp=all"),
        ("v=DMARC1; p=none; np=no", "invalid_value", "np=no"),
        ("v=DMARC1; p=none; t=yes", "invalid_value", "t=yes"),
        ("v=DMARC1; p=none; psd=x", "invalid_value", "psd=x"),
        ("v=DMARC1; p=none; adkim=strict", "invalid_value", "adkim=strict"),
        ("v=DMARC1; p=none; aspf=relaxed", "invalid_value", "aspf=relaxed"),
        ("v=DMARC1; p=none; fo=0:1; ruf=mailto:a@x.test", "invalid_value", "fo=0:1"),
        ("v=DMARC1; p=none; fo=d:d; ruf=mailto:a@x.test", "invalid_value", "fo=d:d"),
        ("v=DMARC1; p=none; p=reject", "duplicate_tag", "2 times"),
        ("v=DMARC1; p=none, rua=mailto:a@x.test", "invalid_value", "p=none, rua"),
        ("v=DMARC1; p=none; rua", "syntax", "'rua' is no tag=value"),
        ("v=DMARC1; p=none; rua=mailto:a@x.test; mailto:b@x.test", "syntax", "'mailto:b@x.test'"),
        ("v=DMARC1;; p=none", "syntax", "two semicolons"),
        ("v=DMARC1; p=none; rua=", "report_uri", "rua= is empty"),
        ("v=DMARC1; p=none; rua=a@x.test", "report_uri", "write mailto:"),
        ("v=DMARC1; p=none; rua=nobody", "report_uri", "no URI"),
        ("v=DMARC1; p=none; rua=mailto:", "report_uri", "no mail address"),
        ("v=DMARC1; p=none; rua=mailto:nobody", "report_uri", "no mail address"),
        ("v=DMARC1; p=none; rua=mailto:a@localhost", "report_uri", "no mail address"),
        ("v=DMARC1; p=none; rua=mailto:a b@x.test", "report_uri", "no mail address"),
        ("v=DMARC1; p=none; rua=mailto: a@x.test", "report_uri", "no mail address"),
        ("v=DMARC1; p=none; rua=mailto:a@x..test", "report_uri", "no mail address"),
        ("v=DMARC1; p=none; rua=mailto://a@x.test", "report_uri", "slashes"),
        ("v=DMARC1; p=none; rua=https:x", "report_uri", "no URI of a host"),
        ("v=DMARC1; p=none; ruf=a@x.test", "report_uri", "ruf=a@x.test"),
        ("v=DMARC1;\u00a0p=none", "characters", "U+00A0"),
        ("v=DMARC1; p=n\u00f6ne", "invalid_value", "p="),
    ],
)
def test_what_receivers_cannot_read(text: str, code: str, said: str) -> None:
    record = read_record(text)
    assert code in codes(record)
    assert said in " ".join(map(str, record.problems))


@pytest.mark.parametrize(
    ("text", "policy", "applies"),
    [
        ("v=DMARC1; rua=mailto:a@x.test", "none", True),
        ("v=DMARC1; p=rejct; rua=mailto:a@x.test", "none", True),
        ("v=DMARC1; p=reject; sp=rejct; rua=mailto:a@x.test", "none", True),
        ("v=DMARC1; p=reject; np=rejct; rua=mailto:a@x.test", "none", True),
        ("v=DMARC1; p=rejct", None, False),
        ("v=DMARC1; p=rejct; rua=a@x.test", None, False),
        ("v=DMARC1; p=reject; sp=rejct", None, False),
        ("v=DMARC1; p=reject; sp=none; adkim=x", "reject", True),
    ],
)
def test_an_invalid_policy_is_none_or_nothing(text: str, policy: str | None, applies: bool) -> None:
    record = read_record(text)
    assert (record.policy, record.applies) == (policy, applies)


@pytest.mark.parametrize(
    ("tags", "note"),
    [
        ("p=none; pct=50", "pct= was removed"),
        ("p=none; rf=afrf; ri=86400", "ri= was removed"),
        ("p=none; bimi=1", "bimi= is unknown"),
        ("rua=mailto:a@x.test; p=none", "RFC 7489"),
        ("p=none; fo=1", "without ruf="),
        ("p=none; rua=https://x.test/reports", "anything but mailto:"),
    ],
)
def test_notes_are_no_problems(tags: str, note: str) -> None:
    record = read_record(f"v=DMARC1; {tags}")
    assert codes(record) == []
    assert note in " ".join(record.notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("v=dmarc1; p=none", "capital letters"),
        ("v=DMARC 1; p=none", "capital letters"),
        ("v=DMARC1 p=none", "semicolon"),
        ("v=DMARC1, p=none", "semicolon"),
        (" v=DMARC1; p=none", "a space stands before"),
        ("v=DMARC1\u00a0; p=none", "beyond ASCII"),
        ("\u00a0v=DMARC1; p=none", "beyond ASCII"),
        ('"v=DMARC1; p=none"', "quotes"),
        ("v=DMARC1\\; p=none", "backslashes"),
        ("p=reject; rua=mailto:a@x.test", "begin with v=DMARC1;"),
        ("p=none; v=DMARC1", "begin with v=DMARC1;"),
        ("DMARC1; p=none", "begin with v=DMARC1;"),
    ],
)
def test_near_misses_are_void_and_told(text: str, said: str) -> None:
    assert not is_record(text)
    assert said in str(near_miss(text))
    with pytest.raises(ValueError, match="no DMARC record"):
        read_record(text)


@pytest.mark.parametrize("text", ["v=spf1 -all", "", "google-site-verification=x", "v=DMARC1; p=none", "v=DKIM1; p="])
def test_other_texts_are_no_near_misses(text: str) -> None:
    assert near_miss(text) is None


def test_policies_have_an_order() -> None:
    assert sorted(Policy, key=lambda policy: policy.strength) == ["none", "quarantine", "reject"]
    assert [policy.lowered for policy in Policy] == ["none", "none", "quarantine"]


PIECES = st.sampled_from(
    [
        "p=none",
        "p=reject",
        "sp=x",
        "t=y",
        "psd=y",
        "rua=mailto:a@x.test",
        "rua=,",
        "=",
        "",
        " ",
        '"',
        "fo=1",
        "p",
        "\u00a0",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=8).map("; ".join))


@settings(max_examples=300)
@given(TEXTS, st.booleans())
def test_no_content_is_too_strange(text: str, versioned: bool) -> None:
    whole = f"v=DMARC1; {text}" if versioned else text
    near_miss(whole)
    if is_record(whole):
        record = read_record(whole)
        assert (record.policy is None) == (not record.applies)
        assert record.spoiled <= bool(record.problems)


@settings(max_examples=100)
@given(
    st.permutations(["p=reject", "sp=none", "t=y", "rua=mailto:a@x.test", "x=1"]), st.sampled_from([";", " ; ", ";\t"])
)
def test_the_order_of_tags_changes_nothing(tags: list[str], between: str) -> None:
    record = read_record(between.join(["v=DMARC1", *tags]))
    assert (record.policy, record.subdomain_policy, record.testing, record.problems) == ("reject", "none", True, ())


@pytest.mark.parametrize(
    "tail", ["a=;" * 21_000, ";" * 64_000, "rua=" + "," * 64_000, "rua=" + "mailto:a@x.test," * 4_000]
)
@pytest.mark.timeout(30)
def test_a_record_of_64_kilobytes_is_read(tail: str) -> None:
    assert read_record(f"v=DMARC1; p=none; {tail}") is not None
