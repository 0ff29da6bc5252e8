"""Check kinds of one's own: loaded when the operator allows it, and every flaw told with file and line."""

from __future__ import annotations

import pytest

from tests.bad_checklists import HEAD
from tests.engine import ROOT, Folder, refused

PLUGINS = {
    "syntax": ("def x(:\n", "is no Python: invalid syntax", 1),
    "import": ("\n\nimport no_such_module_at_all\n", "cannot be imported: ModuleNotFoundError", 3),
    "raises": ("x = 1\nraise RuntimeError('no')\n", "cannot be imported: RuntimeError: no", 2),
    "leaves": ("import sys\nsys.exit(0)\n", "cannot be imported: SystemExit: 0", 2),
    "nothing": ("x = 1\n", "holds 0 check kinds", 1),
}


@pytest.mark.parametrize("name", PLUGINS)
@pytest.mark.parametrize("way", ["used", "listed"])
def test_a_plug_in_that_cannot_be_used(folder: Folder, name: str, way: str) -> None:
    source, message, line = PLUGINS[name]
    folder.write("own/x_y.py", source)
    folder.write(
        "checklist.yaml",
        HEAD + 'checks: [own]\nsections: {"1": {title: T, items: {a: {title: A, check: x.y}}}}\n',
    )
    said = refused(
        folder.check() if way == "used" else folder.run("list", "--checks", "-c", "checklist.yaml", "--allow", "plugin")
    )
    assert f"own/x_y.py:{line}:1: error: the check file x_y.py {message}" in said
    assert "help: see docs/writing-a-check.md" in said


FLAWS = {
    "two classes": (
        "class Mute(Exception):",
        "class Other:\n    id = 1\n\n\nclass Mute(Exception):",
        "holds 2 check kinds",
    ),
    "other id": ('"t.local"', '"t.other"', "holds the kind 't.other'"),
    "not frozen": ("frozen=True, ", "", "needs `@dataclass(frozen=True"),
    "no reads": ("    reads: ClassVar", "    raeds: ClassVar", "lacks `reads`"),
    "reads of words": ("frozenset({Reads.REPO})", '{"repo"}', "needs `reads: ClassVar"),
    "no run": ("def run(", "def rnu(", "lacks `run`"),
    "no docstring": ('"""Does what', 'x: ClassVar = """Does what', "needs a docstring"),
    "type that is not known": ("number: int", "number: Decimal", "has options that cannot be understood"),
    "type that cannot be read": ("number: int", "number: threading.Event", "has options that cannot be understood"),
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_plug_in_with_a_flaw(folder: Folder, name: str) -> None:
    before, after, message = FLAWS[name]
    place = folder.path / "kinds" / "t_local.py"
    source = place.read_text("utf-8")
    assert before in source
    place.write_text(source.replace(before, after), "utf-8")
    folder.checklist("a: {title: A, check: t.local}")
    said = refused(folder.check())
    assert "t_local.py:" in said
    assert message in said


def test_a_plug_in_cannot_take_a_bundled_kinds_place(folder: Folder) -> None:
    (folder.path / "kinds" / "t_local.py").rename(folder.path / "kinds" / "env_key.py")
    folder.checklist("a: {title: A, check: env.key, with: {key: X}}")
    assert "are the same kind" in refused(folder.check())


@pytest.mark.parametrize("command", ["check", "plan", "list"])
def test_plug_ins_need_the_operators_word(folder: Folder, command: str) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    said = refused(folder.run(command))
    assert "checklist.yaml:2:1: error: the checklist brings check kinds of its own (kinds)" in said
    assert "--allow plugin" in said


def test_the_operators_word_from_the_environment(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    assert folder.shell("check", env={"READINESS_ALLOW": "plugin"}).code == 0
    assert folder.shell("check", env={"READINESS_ALLOW": "plugni"}).code == 2


def distribution(folder: Folder, source: str) -> dict[str, str]:
    """An installed distribution that brings the kind `own.kind`; the environment in which it is found."""
    folder.write("site/own_kinds.py", source)
    folder.write("site/own_kinds-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: own-kinds\nVersion: 1.0\n")
    folder.write("site/own_kinds-1.0.dist-info/entry_points.txt", "[readiness.checks]\nown.kind = own_kinds:Told\n")
    folder.checklist("a: {title: A, check: own.kind}", "checks: []")
    return {"PYTHONPATH": f"{folder.path / 'site'}:{ROOT}"}


def own(folder: Folder) -> str:
    return (folder.path / "kinds" / "t_local.py").read_text("utf-8").replace('"t.local"', '"own.kind"')


def test_the_kind_of_an_installed_distribution(folder: Folder) -> None:
    env = distribution(folder, own(folder))
    assert folder.shell("check", env=env).code == 0
    assert "own.kind" in folder.shell("list", "--checks", env=env).out


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("class Told", "class Tlod", "cannot be imported: AttributeError"),
        ("import time", "import tmie", "cannot be imported: ModuleNotFoundError"),
        ("import time", "import sys; sys.exit(0)", "cannot be imported: SystemExit: 0"),
        ('"own.kind"', '"other.kind"', "needs `id: ClassVar = 'own.kind'`"),
        ("frozen=True, ", "", "needs `@dataclass(frozen=True"),
    ],
)
def test_an_installed_distribution_with_a_flaw(folder: Folder, before: str, after: str, message: str) -> None:
    said = refused(folder.shell("check", env=distribution(folder, own(folder).replace(before, after))))
    assert "the installed check `own.kind` (own_kinds:Told) " + message in said
    assert "help: repair or uninstall its distribution" in said


def test_kinds_of_a_repository_leave_nothing_in_it(folder: Folder) -> None:
    """What Python keeps beside a module would make the tree dirty that the run judges."""
    folder.checklist("a: {title: A, check: t.local}")
    assert folder.shell("check", "--allow", "plugin", env={"PYTHONDONTWRITEBYTECODE": ""}).code == 0
    assert list((folder.path / "kinds").rglob("__pycache__")) == []
