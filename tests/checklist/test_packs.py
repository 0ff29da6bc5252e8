"""Packs: merged before anything is validated, told apart by file, and nothing of them gets lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from readiness.checklist.load import load
from readiness.checklist.model import Checklist
from tests.engine import Folder

TOP = 'version: 1\ninclude: [pack.yaml]\nsections: {"9": {title: Own, items: {own: {title: Own, manual: look}}}}\n'


def pack(section: str, items: str) -> str:
    return f'version: 1\nsections:\n  "{section}":\n    title: P{section}\n    items:\n      {items}\n'


def loaded(folder: Folder) -> Checklist:
    return load(folder.path / "checklist.yaml")


def faults(folder: Folder) -> list[str]:
    done = folder.check()
    assert done.code == 2
    return [line for line in done.err.splitlines() if "error: " in line]


def test_the_items_of_a_pack_come_first(folder: Folder) -> None:
    folder.write("pack.yaml", pack("1", "a: {title: A, manual: look}"))
    folder.write("checklist.yaml", TOP)
    checklist = loaded(folder)
    assert [entry.id for entry in checklist.entries] == ["a", "own"]
    assert dict(checklist.sections) == {"1": "P1", "9": "Own"}
    assert not checklist.problems


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("{severity: low}", ("A", "t.local", None, "low")),
        ("{title: New}", ("New", "t.local", None, None)),
        ("{manual: look}", ("A", None, "look", None)),
        ("{check: t.net}", ("A", "t.net", None, None)),
    ],
)
def test_an_included_item_is_patched(
    folder: Folder, change: str, expected: tuple[str, str | None, str | None, str | None]
) -> None:
    folder.write("pack.yaml", pack("1", "a: {title: A, check: t.local, with: {text: x}}"))
    folder.write("checklist.yaml", f'version: 1\ninclude: [pack.yaml]\nsections: {{"1": {{items: {{a: {change}}}}}}}\n')
    (entry,) = loaded(folder).entries
    item = entry.item
    assert (item.title, item.check, item.manual, item.severity and item.severity.value) == expected
    assert bool(item.with_) == (item.check == "t.local")


def test_variables_and_roles_of_packs_are_the_weakest(folder: Folder) -> None:
    folder.write("pack.yaml", "vars: {a: pack, b: pack}\nroles: {r: [x@y.z]}\n" + pack("1", "a: {title: A, manual: m}"))
    folder.write("checklist.yaml", TOP + "vars: {b: own}\n")
    header = loaded(folder).header
    assert dict(header.vars) == {"a": "pack", "b": "own"}
    assert header.roles == {"r": ("x@y.z",)}


def test_packs_of_packs_are_relative_to_their_file_and_read_once(folder: Folder) -> None:
    folder.write("packs/one.yaml", "include: [common.yaml]\n" + pack("1", "a: {title: A, manual: look}"))
    folder.write("packs/two.yaml", "include: [./common.yaml]\n" + pack("2", "b: {title: B, manual: look}"))
    folder.write("packs/common.yaml", pack("3", "c: {title: C, manual: look}"))
    folder.write("checklist.yaml", TOP.replace("[pack.yaml]", "[packs/one.yaml, packs/two.yaml]"))
    checklist = loaded(folder)
    assert {entry.id for entry in checklist.entries} == {"a", "b", "c", "own"}
    assert not checklist.problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "pack.yaml:1:1: error: the file is empty"),
        ("- a\n", "pack.yaml:1:1: error: a pack is a mapping with `sections`"),
        ("a: b: c\n", "pack.yaml:1:5: error: not valid YAML"),
        ("root: x\n" + pack("1", "a: {title: A, manual: m}"), "pack.yaml:1:1: error: a pack cannot hold `root`"),
        (
            pack("1", "a: {title: A, manual: m}").replace("version: 1", "version: 2"),
            "pack.yaml:1:10: error: `version`: expected 1, found the number 2",
        ),
        ("vars: [x]\n", "pack.yaml:1:7: error: `vars`: expected a mapping, found a list"),
        ("include: x.yaml\n", 'pack.yaml:1:10: error: `include`: expected a list, found "x.yaml"'),
        ("sections: [x]\n", "pack.yaml:1:11: error: `sections`: expected a mapping, found a list"),
        ('sections: {"1": [x]}\n', "pack.yaml:1:17: error: `1` must be a mapping"),
        ('sections: {"1": {title: T, items: [x]}}\n', "pack.yaml:1:35: error: `items` must be a mapping"),
        (pack("1", "a: {title: A, manaul: m}"), "pack.yaml:6:21: error: unknown key `manaul`"),
        (pack("1", "a: {title: 1.10, manual: m}"), "pack.yaml:6:18: error: 1.10 would be read as the number 1.1"),
        (pack("1", "a: {title: A, check: env.kye}"), "pack.yaml:6:28: error: unknown check `env.kye`"),
        (pack("1", "own: {title: A, manual: m}"), "checklist.yaml:3:38: error: the id `own` is used twice"),
    ],
)
def test_a_mistake_in_a_pack(folder: Folder, text: str, message: str) -> None:
    folder.write("pack.yaml", text)
    folder.write("checklist.yaml", TOP)
    found = faults(folder)
    assert any(line.startswith(message) for line in found), found


def test_a_mistake_in_a_pack_shows_its_line(folder: Folder) -> None:
    folder.write("pack.yaml", pack("1", "a: {title: A, manual: m, sevrity: low}"))
    folder.write("checklist.yaml", TOP)
    assert "    6 |       a: {title: A, manual: m, sevrity: low}" in folder.check().err


def test_a_pack_that_is_not_there(folder: Folder) -> None:
    folder.write("checklist.yaml", TOP)
    done = folder.check()
    assert "checklist.yaml:2:11: error: cannot read pack.yaml: no such file or directory" in done.err
    assert "relative to the file that names it" in done.err


def test_a_pack_that_is_a_folder(folder: Folder) -> None:
    (folder.path / "pack.yaml").mkdir()
    folder.write("checklist.yaml", TOP)
    assert faults(folder) == ["checklist.yaml:2:11: error: cannot read pack.yaml: is a directory"]


@pytest.mark.parametrize("kind", ["device", "pipe"])
def test_a_pack_that_never_ends_is_not_read(folder: Folder, kind: str) -> None:
    place = folder.path / "pack.yaml"
    if kind == "device":
        place.symlink_to("/dev/zero")
    else:
        os.mkfifo(place)
    folder.write("checklist.yaml", TOP)
    assert faults(folder) == ["checklist.yaml:2:11: error: cannot read pack.yaml: it is no regular file"]


def test_a_pack_that_includes_itself(folder: Folder) -> None:
    folder.write("pack.yaml", "include: [other.yaml]\n" + pack("1", "a: {title: A, manual: m}"))
    folder.write("other.yaml", "include: [pack.yaml]\n" + pack("2", "b: {title: B, manual: m}"))
    folder.write("checklist.yaml", TOP)
    assert faults(folder) == ["other.yaml:1:11: error: pack.yaml includes itself: pack.yaml -> other.yaml -> pack.yaml"]


def test_a_checklist_that_includes_itself(folder: Folder) -> None:
    folder.write("checklist.yaml", TOP.replace("pack.yaml", "./checklist.yaml"))
    assert "checklist.yaml includes itself: checklist.yaml -> checklist.yaml" in faults(folder)[0]


@pytest.mark.parametrize("section", ["1", "2"])
def test_the_same_item_from_two_packs(folder: Folder, section: str) -> None:
    folder.write("one/pack.yaml", pack("1", "a: {title: A, manual: m}"))
    folder.write("two/pack.yaml", pack(section, "a: {title: B, manual: m}"))
    folder.write("checklist.yaml", TOP.replace("[pack.yaml]", "[one/pack.yaml, two/pack.yaml]"))
    assert "two/pack.yaml:6:7: error: the item `a` comes from one/pack.yaml too" in faults(folder)


def test_two_packs_of_one_name_in_two_folders_are_two(folder: Folder) -> None:
    folder.write("one/main.yaml", "include: [common.yaml]\n")
    folder.write("two/main.yaml", "include: [common.yaml]\n")
    folder.write("one/common.yaml", pack("1", "a: {title: A, manual: m}"))
    folder.write("two/common.yaml", pack("1", "a: {title: B, manual: m}"))
    folder.write("checklist.yaml", TOP.replace("[pack.yaml]", "[one/main.yaml, two/main.yaml]"))
    assert faults(folder)[0] == "two/common.yaml:6:7: error: the item `a` comes from one/common.yaml too"


@pytest.mark.parametrize("items", ["[a]", "text", "5"])
def test_a_patch_that_is_no_mapping_loses_nothing(folder: Folder, items: str) -> None:
    folder.write("pack.yaml", pack("1", "a: {title: A, manual: m}"))
    folder.write("checklist.yaml", f'version: 1\ninclude: [pack.yaml]\nsections: {{"1": {{items: {items}}}}}\n')
    assert "`items`: expected a mapping" in faults(folder)[0]


def test_a_checklist_of_packs_alone(folder: Folder) -> None:
    folder.write("pack.yaml", pack("1", "a: {title: A, manual: m}"))
    folder.write("checklist.yaml", "version: 1\ninclude: [pack.yaml]\n")
    assert [entry.id for entry in loaded(folder).entries] == ["a"]


def test_a_big_pack_is_merged_at_once(folder: Folder) -> None:
    items = "\n      ".join(f"i{number}: {{title: T, manual: m, tags: [a, b, c, d]}}" for number in range(3000))
    folder.write("pack.yaml", pack("1", items))
    folder.write("checklist.yaml", TOP)
    assert len(loaded(folder).entries) == 3001


def test_the_root_and_the_digest(folder: Folder, tmp_path: Path) -> None:
    folder.write("checklist.yaml", TOP.replace("include: [pack.yaml]", "root: kinds"))
    checklist = loaded(folder)
    assert checklist.root == (tmp_path / "kinds").resolve()
    assert len(checklist.sha256) == 64
