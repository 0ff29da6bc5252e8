"""A canary in every place that a secret can come from, looked for in every output."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from readiness.report.formats import FORMATS
from tests.engine import Done, Folder


def canary() -> str:
    return f'canary/{secrets.token_hex(12)}+{secrets.token_hex(12)}="é'


def forms(value: str) -> Iterator[str]:
    """What of a secret could come out; its middle, for its ends may be lost."""
    yield value[3:-3]
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    for lead in ("", "u:", "ab"):
        yield base64.b64encode(f"{lead}{value}".encode()).decode()[8:32]
    yield value[7:31]
    yield value[32:56]


def leaks(value: str, *outputs: str) -> list[str]:
    return [form for form in forms(value) for text in outputs if form and form in text]


def written(folder: Folder) -> list[str]:
    return [place.read_text("utf-8") for place in (folder.path / "reports").rglob("*") if place.is_file()]


def pages(folder: Folder) -> list[str]:
    """What a reader finds in a PDF: its text, and the report that is attached to it."""
    found = []
    for page in folder.path.glob("*.pdf"):
        found.append(subprocess.run(["pdftotext", page, "-"], capture_output=True, text=True, check=True).stdout)
        subprocess.run(["pdfdetach", "-saveall", "-o", folder.path / "reports", page], check=True)
        assert found[-1]
        found += written(folder)
    return found


def texts(done: Done) -> tuple[str, str]:
    return done.out, done.err


ECHO = """
echo: {title: Echo, check: t.local, with: {does: [fail], text: "got %s back"}}
fine: {title: Fine, check: t.local, with: {does: [pass], text: "%s"}}
cannot: {title: Cannot, check: t.local, retries: 0, with: {does: [cannot], text: "the server said %s"}}
away: {title: Away, check: t.local, retries: 0, with: {does: [away], text: "%s"}}
crash: {title: Crash, check: t.local, with: {does: ["raise:value"], text: "%s"}}
sent: {title: Sent, check: t.net, with: {text: "%s", url: "https://api.example.com/"}}
"""


@pytest.mark.parametrize("reference", ["${env:CANARY}", "${inner}"])
@pytest.mark.parametrize("output", [*FORMATS, "text", "plan", "explain", "list", "doctor", "verbose"])
def test_a_secret_of_the_environment(folder: Folder, output: str, reference: str) -> None:
    value = canary()
    folder.checklist(ECHO.replace("%s", reference), 'vars: {inner: "${env:CANARY}"}')
    arguments = {
        "plan": ["plan"],
        "list": ["list"],
        "explain": ["explain", "echo"],
        "doctor": ["doctor"],
        "text": ["check"],
        "verbose": ["check", "-v"],
    }.get(output, ["check", "-f", output])
    page = ["-o", "page.pdf"] if output == "pdf" else []
    done = folder.shell(*arguments, *page, "--allow", "plugin", env={"CANARY": value})
    assert done.code in {0, 1}, done.err
    assert done.out
    assert leaks(value, *texts(done), *written(folder), *pages(folder)) == []


def test_the_canary_would_be_seen(folder: Folder) -> None:
    """The same, with a value that is no secret: the test above looks where it comes out."""
    folder.checklist(ECHO.replace("%s", "${inner}"), "vars: {inner: open}")
    done = folder.check("-o", "-")
    assert done.out.count("got open back") > 1
    assert "the server said open" in done.out
    assert "ValueError: open" in done.out


def test_a_secret_that_is_known_only_later(folder: Folder) -> None:
    """One item prints what another item's options name as a secret afterwards."""
    value = secrets.token_hex(16)
    folder.write("seen.txt", value)
    folder.checklist(
        f"first: {{title: F, check: t.local, with: {{does: [fail], text: 'page says {value}'}}}}\n"
        "then: {title: T, needs: [], check: env.key, with: {key: LATE_TOKEN}}"
    )
    done = folder.shell("check", "--allow", "plugin", env={"LATE_TOKEN": value})
    assert "page says" in done.out
    assert leaks(value, *texts(done)) == []
    assert all(value not in text for text in written(folder))


@pytest.mark.parametrize("option", ["number", "does", "later"])
def test_a_secret_in_an_error_message(folder: Folder, option: str) -> None:
    value = f"{canary()}{'x' * 60}"
    folder.checklist(f'a: {{title: A, check: t.local, with: {{{option}: "${{env:CANARY}}"}}}}')
    done = folder.shell("check", "--allow", "plugin", env={"CANARY": value})
    assert done.code == 2
    assert f"`{option}`: expected" in done.err
    assert leaks(value, *texts(done)) == []


def test_a_secret_in_a_dotenv_file(folder: Folder) -> None:
    value = secrets.token_hex(20)
    folder.write(".env", f"CANARY={value}\n")
    folder.checklist(ECHO.replace("%s", "${env:CANARY}"), "environments: {dev: {dotenv: .env}}")
    done = folder.check("-o", "-")
    assert done.code == 1
    assert leaks(value, *texts(done), *written(folder)) == []


@pytest.mark.parametrize("where", ["before", "across", "after"])
def test_a_secret_at_the_bound_of_evidence(folder: Folder, where: str) -> None:
    value = secrets.token_hex(40)
    lead = {"before": 1900, "across": 1960, "after": 1999}[where]
    text = f"{'y' * (lead // 2)}{'z' * (lead // 2)}${{env:CANARY}} end"
    folder.checklist(f'a: {{title: A, check: t.local, with: {{does: [pass], text: "{text}"}}}}')
    folder.shell("check", "--allow", "plugin", env={"CANARY": value})
    ((outcome,),) = [result["outcomes"] for result in folder.report()["results"]]
    seen = outcome["evidence"][0]["seen"]
    assert not any(value[at : at + 12] in seen for at in range(len(value) - 12))


def test_a_secret_with_bytes_that_are_no_utf8(folder: Folder) -> None:
    folder.checklist(ECHO.replace("%s", "${env:CANARY}"))
    value = "pass\udcffword" + secrets.token_hex(8)
    done = folder.shell("check", "--allow", "plugin", env={"CANARY": value})
    assert done.code == 1
    assert value[10:] not in done.out
    assert all(value[10:] not in text for text in written(folder))


def test_a_key_by_its_form_alone(folder: Folder) -> None:
    key = "sk_" + "live_" + secrets.token_hex(12)
    folder.checklist(f"a: {{title: A, check: t.local, with: {{does: [fail], text: 'found {key} in app.js'}}}}")
    done = folder.check("-o", "-")
    assert done.code == 1
    assert "[redacted] in app.js" in done.out
    assert key not in done.out + done.err
    assert all(key not in text for text in written(folder))


def test_ids_and_states_are_left_alone(folder: Folder) -> None:
    folder.checklist('pass-mismatch: {title: T, check: t.local, with: {does: [fail], text: "${env:CANARY}"}}')
    done = folder.shell("check", "--allow", "plugin", "-o", "-", env={"CANARY": "mismatch"})
    (result,) = json.loads(done.out)["results"]
    assert (result["id"], result["reason"], result["message"]) == ("pass-mismatch", "mismatch", "[redacted]")


def test_plan_says_which_secrets_are_used(folder: Folder, tmp_path: Path) -> None:
    folder.checklist(
        'a: {title: A, check: t.local, with: {text: "${inner}"}}\nb: {title: B, check: t.local}',
        'vars: {inner: "${env:CANARY}"}',
    )
    done = folder.shell("plan", "--allow", "plugin", env={"CANARY": canary()})
    assert "secrets that options name:\n  CANARY: a\n" in done.out
    assert not (tmp_path / "reports").exists()
