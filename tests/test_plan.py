"""The plan: filters, what is settled before running, and where a secret may go."""

from __future__ import annotations

import secrets

import pytest

from readiness.errors import ConfigError
from tests.engine import Folder

ITEMS = """
a: {title: A, check: t.local, tags: [fast], needs: b}
b: {title: B, check: t.local}
g: {title: G, tags: [group], needs: c, items: {x: {title: X, check: t.local}, y: {title: Y, check: t.net, tags: [net]}}}
c: {title: C, check: t.local}
"""


def looked_at(folder: Folder, **options: object) -> set[str]:
    plan = folder.session(**options).plan
    left_out = {step.id for step in plan.steps if step.settled and step.settled.reason == "filtered"}
    assert plan.partial == bool(left_out)
    return {step.id for step in plan.steps} - left_out


@pytest.mark.parametrize(
    ("only", "tags", "expected"),
    [
        ((), (), {"a", "b", "g", "g.x", "g.y", "c"}),
        (("b",), (), {"b"}),
        (("a",), (), {"a", "b"}),
        (("g",), (), {"g", "g.x", "g.y", "c"}),
        (("g.x",), (), {"g", "g.x", "c"}),
        (("b", "c"), (), {"b", "c"}),
        (("1",), (), {"a", "b", "g", "g.x", "g.y", "c"}),
        ((), ("fast",), {"a", "b"}),
        ((), ("group",), {"g", "g.x", "g.y", "c"}),
        ((), ("net",), {"g", "g.y", "c"}),
        ((), ("net", "fast"), {"g", "g.y", "c", "a", "b"}),
        (("g",), ("net",), {"g", "g.y", "c"}),
    ],
)
def test_filters_bring_what_is_needed(
    folder: Folder, only: tuple[str, ...], tags: tuple[str, ...], expected: set[str]
) -> None:
    folder.checklist(ITEMS)
    assert looked_at(folder, only=only, tags=tags) == expected


def test_a_section_and_the_sections_below_it(folder: Folder) -> None:
    section = "{title: T, items: {%s: {title: A, manual: look}}}"
    names = {"1": "a", "1.1": "b", "1.10": "c", "10": "d"}
    body = "\n".join(f'  "{name}": {section % item}' for name, item in names.items())
    folder.write("checklist.yaml", f"version: 1\nsections:\n{body}\n")
    assert looked_at(folder, only=("1",)) == {"a", "b", "c"}
    assert looked_at(folder, only=("1.1",)) == {"b"}
    assert looked_at(folder, only=("10",)) == {"d"}


def test_a_filtered_group_shows_the_parts_that_were_left_out(folder: Folder) -> None:
    folder.checklist(ITEMS)
    assert folder.states(only=("g.x",))["g.y"] == ("skipped", "filtered")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"l": ("pass", None), "n": ("pass", None), "d": ("pass", None), "s": ("pass", None)}),
        ({"offline": True}, {"l": ("pass", None)} | dict.fromkeys("nds", ("skipped", "offline"))),
    ],
)
def test_offline(folder: Folder, options: dict[str, bool], expected: dict[str, tuple[str, str | None]]) -> None:
    kinds = {"l": "t.local", "n": "t.net", "d": "t.dns", "s": "t.stripe"}
    folder.checklist("\n".join(f"{name}: {{title: T, check: {kind}}}" for name, kind in kinds.items()))
    assert folder.states(**options) == expected


def test_offline_with_network_items_alone_is_never_ready(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.net}\nb: {title: B, check: t.dns}")
    assert folder.observe(offline=True).verdict.exit_code == 4


def test_an_effect_needs_the_operators_word(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.write}")
    result = folder.result()
    assert (result.state.value, result.reason, result.fix) == ("skipped", "effect_refused", "run with --allow write")
    assert folder.result(allow=("write",)).state.value == "pass"


@pytest.mark.parametrize(
    ("when", "variables", "state"),
    [
        ("{mode: live}", {}, "not_applicable"),
        ("{mode: live}", {"mode": "live"}, "pass"),
        ("{mode: LIVE}", {"mode": "live"}, "pass"),
        ("{flag: true}", {}, "pass"),
        ("{flag: true}", {"flag": "true"}, "pass"),
        ("{flag: false}", {}, "not_applicable"),
        ("{number: 5}", {}, "pass"),
        ('{number: "5"}', {}, "pass"),
        ("{chain: test}", {}, "pass"),
        ("{mode: test, flag: false}", {}, "not_applicable"),
    ],
)
def test_when(folder: Folder, when: str, variables: dict[str, str], state: str) -> None:
    folder.checklist(
        f"a: {{title: A, check: t.local, when: {when}}}",
        'vars: {mode: test, flag: true, number: 5, chain: "${mode}"}',
    )
    result = folder.result(variables=[f"{name}={value}" for name, value in variables.items()])
    assert result.state.value == state


def test_the_order_of_variables(folder: Folder) -> None:
    folder.checklist(
        'a: {title: "${one} ${two} ${three}", manual: look}',
        "vars: {one: file, two: file, three: file}\nenvironments: {dev: {vars: {two: env, three: env}}}",
    )
    assert folder.result(variables=["three=cli"]).title == "file env cli"


def test_a_variable_keeps_its_type_and_cannot_change_structure(folder: Folder) -> None:
    folder.checklist(
        'a: {title: A, check: t.local, with: {number: "${number}", text: "${text}"}}',
        """vars: {number: 7, text: "a, does: [fail]\\n- {x: y}"}""",
    )
    (step,) = folder.session().plan.steps
    assert (getattr(step.check, "number", None), folder.result().state.value) == (7, "pass")
    assert folder.result(variables=["number=8"]).state.value == "pass"
    with pytest.raises(ConfigError, match=r"`number`: expected a whole number, found \"x\""):
        folder.session(variables=["number=x"])


def test_a_secret_that_is_not_set_is_an_error_of_that_item(folder: Folder) -> None:
    folder.checklist(
        'a: {title: A, check: t.local, with: {text: "${env:NO_SUCH_THING}"}}\n'
        'b: {title: B, check: t.local, with: {text: "${k} ${env:NOR_THIS}"}}\nc: {title: C, check: t.local}',
        'vars: {k: "${env:NO_SUCH_THING}"}',
    )
    one, two, three = folder.observe().results
    assert (one.state.value, one.reason, one.fix) == ("error", "missing", "set `NO_SUCH_THING` for this run")
    assert "`NO_SUCH_THING` and `NOR_THIS` are not set" in two.message
    assert three.state.value == "pass"


# --- where a secret may go ------------------------------------------------------------------------

SEND = 'a: {title: A, check: t.net, with: {text: "%s", url: "%s"}}'


@pytest.mark.parametrize("reference", ["${env:CANARY}", "${key}", "Bearer ${outer}"])
@pytest.mark.parametrize(
    ("url", "bind", "state"),
    [
        ("https://api.example.com/x", [], "skipped"),
        ("HTTPS://API.example.com/x", [], "skipped"),
        ("https://api.example.com/x", ["CANARY=https://api.example.com"], "pass"),
        ("https://api.example.com:443/x", ["CANARY=https://API.example.com/"], "pass"),
        ("https://api.example.com:8443/x", ["CANARY=https://api.example.com"], "skipped"),
        ("http://api.example.com/x", ["CANARY=https://api.example.com"], "skipped"),
        ("https://api.example.com.evil.example/x", ["CANARY=https://api.example.com"], "skipped"),
        ("https://api.example.com@evil.example/x", ["CANARY=https://api.example.com"], "skipped"),
        ("https://api.example.com/x", ["OTHER=https://api.example.com"], "skipped"),
        ("http://127.0.0.1:8000/x", [], "pass"),
        ("http://localhost:8000/x", [], "pass"),
        ("http://[::1]:8000/x", [], "pass"),
        ("http://127.0.0.1.evil.example/x", [], "skipped"),
        ("http://[bad/x", [], "skipped"),
    ],
)
def test_a_secret_goes_only_where_it_was_bound(
    folder: Folder, reference: str, url: str, bind: list[str], state: str
) -> None:
    folder.process["CANARY"] = secrets.token_hex(16)
    folder.checklist(SEND % (reference, url), 'vars: {key: "${env:CANARY}", outer: "${key}"}')
    result = folder.result(bind=bind)
    assert result.state.value == state, result.message
    assert state == "pass" or result.reason == "effect_refused"


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("t.net", "https://${env:CANARY}.evil.example/"),
        ("t.net", "http://${env:CANARY}/"),
        ("t.dns", "${env:CANARY}.evil.example"),
    ],
)
def test_a_secret_never_becomes_a_name(folder: Folder, kind: str, url: str) -> None:
    folder.process["CANARY"] = secrets.token_hex(16)
    folder.checklist(f'a: {{title: A, check: {kind}, with: {{url: "{url}"}}}}')
    with pytest.raises(ConfigError, match="the secret CANARY would become part of a host name") as caught:
        folder.session()
    assert folder.process["CANARY"] not in str(caught.value)


def test_inheritance(folder: Folder) -> None:
    folder.checklist(
        """
        g:
          title: G
          severity: low
          environments: [other]
          items:
            x: {title: X, check: t.local}
            y: {title: Y, check: t.local, environments: [here], severity: critical}
            z: A person looks
        """,
        "environments: {here: {}, other: {}}",
    )
    steps = {step.id: step for step in folder.session().plan.steps}
    assert steps["g.x"].severity.value == "low"
    assert steps["g.y"].severity.value == "critical"
    assert steps["g.z"].item.manual == "A person looks"


def test_a_part_that_applies_where_its_whole_does_not(folder: Folder) -> None:
    folder.checklist(
        """
        g:
          title: G
          environments: [other]
          items: {x: {title: X, check: t.local, with: {does: [fail]}, environments: [here]}}
        """,
        "environments: {here: {}, other: {}}",
    )
    report = folder.observe()
    assert report.verdict.exit_code == 1
    assert [result.state.value for result in report.results] == ["fail", "fail"]


def test_a_need_of_a_group_that_applies_in_part(folder: Folder) -> None:
    folder.checklist(
        """
        b: {title: B, check: t.local, needs: g}
        g:
          title: G
          when: {mode: live}
          items:
            x: {title: X, check: t.local, with: {does: [fail]}, when: {mode: test}}
            y: {title: Y, check: t.local}
        """,
        "vars: {mode: test}",
    )
    assert folder.states() == {
        "b": ("skipped", "needs"),
        "g": ("fail", "mismatch"),
        "g.x": ("fail", "mismatch"),
        "g.y": ("not_applicable", "when"),
    }
