"""JSON Schemas (draft 2020-12) of what people write and of what readiness writes.

The checklist's holds the options of every check kind, so that an editor completes them; all are
made from the types that do the validating.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from readiness.api import Check
from readiness.checklist.model import Header, Item, Section
from readiness.people.model import Attestations, Waivers
from readiness.report import verification
from readiness.report.model import SCHEMA, Report
from readiness.signoff.model import Verification
from readiness.typed import close

DRAFT = "https://json-schema.org/draft/2020-12/schema"
REF = "#/$defs/{model}"
_VARIABLE = {"type": "string", "pattern": r"\$\{"}
"""Any value may be a variable."""


def checklist_schema(kinds: Iterable[type[Check]]) -> dict[str, Any]:
    """The schema of checklist.yaml with these check kinds."""
    definitions: dict[str, Any] = {}
    header = _schema_of(Header, definitions)
    section = _schema_of(Section, definitions)
    item = _schema_of(Item, definitions)
    options = {kind.id: _options(kind, definitions) for kind in sorted(kinds, key=lambda kind: kind.id)}
    item["properties"]["check"] = {"enum": list(options), "description": "The kind of check that verifies this item."}
    item["properties"]["items"] = _parts(item["properties"]["items"])
    rules = [_when_kind(name, schema) for name, schema in options.items()]
    item["allOf"] = rules
    look = definitions["EvidenceCheck"]
    look["properties"]["check"] = {"enum": list(options), "description": "The kind of check that looks at it."}
    look["allOf"] = rules
    item["dependentRequired"] = {"evidence_check": ["manual", "evidence"]}
    part = {"anyOf": [{"type": "string", "description": "A part that a person attests."}, {"$ref": "#/$defs/Item"}]}
    section["properties"]["items"]["additionalProperties"] = {"$ref": "#/$defs/Item"}
    header["properties"]["sections"] = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"$ref": "#/$defs/Section"},
    }
    header["required"] = ["version", "sections"]
    definitions |= {"Section": section, "Item": item, "Part": part}
    return {
        "$schema": DRAFT,
        "$id": "readiness/checklist/v1",
        **header,
        "title": "A go-live checklist",
        "$defs": definitions,
    }


def _parts(written: dict[str, Any]) -> dict[str, Any]:
    """Parts by their id, or the word ``all``."""
    parts = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Part"}}
    return {"anyOf": [parts, {"const": "all"}], "description": written["description"]}


def people_schema(kind: type[Attestations | Waivers]) -> dict[str, Any]:
    """The schema of attestations.yaml or of waivers.yaml."""
    definitions: dict[str, Any] = {}
    schema = _schema_of(kind, definitions)
    name = kind.__name__.lower()
    schema["properties"][name] = {"anyOf": [schema["properties"][name], {"type": "null"}]}
    title = inspect.getdoc(kind)
    return {"$schema": DRAFT, "$id": f"readiness/{name}/v1", **schema, "title": title, "$defs": definitions}


def report_schema() -> dict[str, Any]:
    """The schema of report.json."""
    close(Report, documented=True)
    schema = TypeAdapter(Report).json_schema(mode="serialization")
    schema["properties"]["schema"] = {"const": SCHEMA}
    return {"$schema": DRAFT, "$id": SCHEMA, **schema}


def verification_schema() -> dict[str, Any]:
    """The schema of what ``readiness verify --json`` prints: the verification, and what follows from it."""
    close(Verification, documented=True)
    schema = TypeAdapter(Verification).json_schema(mode="serialization", ref_template=REF)
    parts = schema["$defs"]
    code = {"$ref": "#/$defs/ExitCode"}
    parts["Finding"]["properties"]["exit_code"] = code
    parts["SignOff"]["properties"]["valid"] = {"type": "boolean", "description": "It counts."}
    answer = {
        "schema": {"const": verification.SCHEMA},
        "valid": {"type": "boolean", "description": "The exit code is 0."},
        "state": {"enum": sorted(map(verification.state, verification.WORDS))},
        "exit_code": code,
    }
    schema["properties"] = {**answer, **schema["properties"]}
    for part in (schema, *parts.values()):
        if "properties" in part:  # nothing is left out that is empty
            part["required"] = list(part["properties"])
    return {"$schema": DRAFT, "$id": verification.SCHEMA, **schema}


def _schema_of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    close(kind, documented=True)
    schema = TypeAdapter(kind).json_schema(by_alias=True, ref_template=REF)
    definitions |= schema.pop("$defs", {})
    return schema


def _options(kind: type[Check], definitions: dict[str, Any]) -> dict[str, Any]:
    """The options of one kind; the parts that they are made of get the kind's name before their own."""
    close(kind, documented=True)
    prefix = kind.id
    schema = TypeAdapter(kind).json_schema(by_alias=True, ref_template=f"#/$defs/{prefix}.{{model}}")
    for name, part in schema.pop("$defs", {}).items():
        definitions[f"{prefix}.{name}"] = _with_variables(part)
    schema["description"] = (inspect.getdoc(kind) or "").partition("\n\n")[0]
    return {
        **schema,
        "properties": {name: _with_variables(part) for name, part in schema.get("properties", {}).items()},
    }


def _when_kind(name: str, options: dict[str, Any]) -> dict[str, Any]:
    then: dict[str, Any] = {"properties": {"with": options}}
    if options.get("required"):
        then["required"] = ["with"]
    return {"if": {"properties": {"check": {"const": name}}, "required": ["check"]}, "then": then}


def _with_variables(schema: Any) -> Any:
    """A schema whose numbers, words and truth values may be variables instead."""
    if isinstance(schema, list):
        return [_with_variables(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _inside(key, value) for key, value in schema.items()}
    if schema.get("type") in {"integer", "number", "boolean"} or "enum" in schema or "const" in schema:
        return {"anyOf": [inner, _VARIABLE]}
    return inner


def _inside(keyword: str, value: Any) -> Any:
    """What stands behind a keyword; the keys of ``properties`` are names of options, and no keywords."""
    if keyword in {"enum", "const", "default", "examples"}:
        return value
    if keyword == "properties":
        return {name: _with_variables(part) for name, part in value.items()}
    return _with_variables(value)
