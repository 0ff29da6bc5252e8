"""Which SDK of Stripe a service is deployed with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checks.stripe_sdk_version import StripeSdkVersion
from readiness.api import CannotTell, Outcome, Reason
from readiness.billing.sdk import release
from tests.wire import broken, look, outside


def judge(folder: Path, files: dict[str, str], **options: Any) -> list[Outcome]:
    for name, text in files.items():
        folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(name).write_text(text)
    with outside(folder) as world:
        return look(StripeSdkVersion(**options), world)


LOCK = '[[package]]\nname = "stripe"\nversion = "16.1.0"\n'


@pytest.mark.parametrize(
    "line",
    [
        "stripe==16.1.0",
        "stripe==15.6.0",
        "Stripe >= 15.6 , < 17  # a comment",
        "stripe[async]>=16,<17",
        "stripe~=15.6",
        "stripe==15.*,>=15.6",
        "stripe===16.0.0",
        "stripe>=15.5,!=15.5.0,>=15.6.1",
        "stripe==16.1.0 --hash=sha256:00",
        "stripe==16.1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11",
        "stripe>=16; python_version >= '3.11'",
        "stripe (>=16)",
        "stripe @ https://files.example/packages/stripe-16.1.0-py3-none-any.whl",
    ],
)
def test_new_enough(tmp_path: Path, line: str) -> None:
    outcomes = judge(tmp_path, {"requirements.txt": f"fastapi==0.120\n{line}\nstripe-mock>=1\n-r other.txt\n"})
    assert [outcome.ok for outcome in outcomes] == [True]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("stripe==15.5.0", "is too old"),
        ("stripe==15.6.0rc1", "is too old"),
        ("stripe==9.12.0", "is too old"),
        ("stripe", "stripe any version admits versions that are too old"),
        ("stripe>=15", "admits versions that are too old"),
        ("stripe<17", "admits versions that are too old"),
        ("stripe>15.5.0", "admits versions that are too old"),
        ("stripe==15.*", "admits versions that are too old"),
        ("stripe~=15.0", "admits versions that are too old"),
        ("stripe!=15.5.0", "admits versions that are too old"),
        ("stripe[async]>=12,<17  # old", "admits versions that are too old"),
    ],
)
def test_too_old(tmp_path: Path, line: str, what: str) -> None:
    found = broken(judge(tmp_path, {"api/requirements-prod.txt": f"{line}\n"}))
    assert len(found) == 1
    assert what in found[0]
    assert "require stripe>=15.6.0" in found[0]


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": '[project]\ndependencies = ["stripe>=16,<17"]\n'},
        {"pyproject.toml": '[project]\ndependencies = ["stripe"]\n', "uv.lock": LOCK},
        {"pyproject.toml": '[project]\ndependencies = ["stripe>=10"]\n', "requirements.txt": "stripe==16.1.0\n"},
        {"pyproject.toml": '[tool.poetry.dependencies]\nstripe = "^15.6"\n'},
        {"pyproject.toml": '[tool.poetry.group.pay.dependencies]\nstripe = {version = "~16.0", extras = ["async"]}\n'},
        {"pyproject.toml": '[project.optional-dependencies]\npay = ["stripe>=16"]\n'},
        {"pyproject.toml": '[dependency-groups]\npay = ["stripe>=16", {include-group = "x"}]\n'},
        {"poetry.lock": LOCK, "pyproject.toml": '[tool.poetry.dependencies]\nstripe = "*"\n'},
        {"pylock.toml": '[[packages]]\nname = "stripe"\nversion = "16.1.0"\n'},
        {"Pipfile": '[packages]\nstripe = "*"\n', "Pipfile.lock": '{"default": {"stripe": {"version": "==16.1.0"}}}'},
        {"requirements/base.in": "stripe\n", "requirements/base.txt": "stripe==16.1.0\n"},
    ],
)
def test_ways_to_write_it(tmp_path: Path, files: dict[str, str]) -> None:
    outcomes = judge(tmp_path, files)
    assert outcomes
    assert not broken(outcomes)


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": '[project]\ndependencies = ["stripe>=10"]\n'},
        {"pyproject.toml": '[tool.poetry.dependencies]\nstripe = "^15.0"\n'},
        {"pyproject.toml": '[tool.poetry.dependencies]\nstripe = "^14 || ^16"\n'},
        {"uv.lock": LOCK.replace("16.1.0", "12.0.0")},
        {"Pipfile.lock": '{"default": {"stripe": {"version": "==12.0.0"}}}'},
        {"requirements.in": "stripe>=16\n", "requirements.txt": "stripe==12.0.0\n"},
        # a range that is installed as it is, whatever another folder pins
        {"requirements.txt": "stripe>=10\n", "dev/requirements.txt": "stripe==16.1.0\n"},
        {"api/pyproject.toml": '[project]\ndependencies = ["stripe"]\n', "web/requirements.txt": "stripe==16.1.0\n"},
    ],
)
def test_ways_to_miss_it(tmp_path: Path, files: dict[str, str]) -> None:
    assert len(broken(judge(tmp_path, files))) == 1


def test_nothing_requires_it(tmp_path: Path) -> None:
    files = {"requirements.txt": "fastapi\n", "pyproject.toml": '[project]\ndependencies = ["stripe-mock"]\n'}
    assert "no file requires stripe" in broken(judge(tmp_path, files))[0]


def test_files_that_nothing_is_deployed_from(tmp_path: Path) -> None:
    files = {"requirements.txt": "stripe==16.1.0\n", "examples/requirements.txt": "stripe==2.0\n"}
    assert broken(judge(tmp_path, files))
    assert not broken(judge(tmp_path, files, exclude=("examples/**",)))


def test_what_cannot_be_told(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match="there is no requirement") as error:
        judge(tmp_path, {})
    assert error.value.reason is Reason.NOT_FOUND
    with pytest.raises(CannotTell, match="says nothing of its version"):
        judge(tmp_path, {"requirements.txt": "stripe @ git+https://git.example/stripe.git\n"})
    with pytest.raises(CannotTell, match=r"pyproject.toml cannot be read"):
        judge(tmp_path, {"requirements.txt": "stripe==16\n", "pyproject.toml": "[[["})


def test_code_that_takes_an_object_for_a_dict(tmp_path: Path) -> None:
    old = (
        "import stripe\ndef hook(b, s):\n    event = stripe.Webhook.construct_event(b, s, 'x')\n    event.get('type')\n"
    )
    files = {"requirements.txt": "stripe==16.1.0\n", "api/hook.py": old}
    found = broken(judge(tmp_path, files, code=("api/**/*.py",)))
    assert len(found) == 1
    assert found[0].startswith("api/hook.py:4: event.get('type') takes an object of the SDK for a dict")
    outcomes = judge(tmp_path, {"api/hook.py": old.replace(".get('type')", ".type")}, code=("api/**/*.py",))
    assert not broken(outcomes)
    assert len(outcomes) == 2
    with pytest.raises(CannotTell, match="no file matches"):
        judge(tmp_path, {}, code=("src/**/*.py",))
    with pytest.raises(CannotTell, match=r"api/hook.py is no Python: line 1"):
        judge(tmp_path, {"api/hook.py": "def ("}, code=("api/**/*.py",))


def test_versions() -> None:
    assert release("16") == release("16.0.0") < release("16.0.1") < release("16.1")
    assert release("15.5.9") < release("15.6.0rc1") < release("15.6.0") <= release("15.6.0.post1")


def test_options() -> None:
    with pytest.raises(ValueError, match="no version"):
        StripeSdkVersion(at_least="new")
    with pytest.raises(ValueError, match="nothing would be checked"):
        StripeSdkVersion(files=())
