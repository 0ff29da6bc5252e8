"""JSON Schema: a file below the root, or written in the checklist; nothing is ever fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from readiness.api import CannotTell, Outcome, Reason, World
from readiness.expect.exchange import Exchange
from readiness.expect.formats import FORMATS
from readiness.expect.values import is_integer, plain, read_json
from readiness.patterns import compile_pattern

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

TOLD = 3
"""Faults that a sentence has room for."""
NOT_LINEAR = "patternProperties"


@dataclass(frozen=True, kw_only=True)
class Schema:
    """A schema that the body must fit."""

    written: str | Mapping[str, Any]
    """Path of a JSON file, or the schema."""
    called: str = "of the checklist"
    """What a schema that is no file is called in a sentence."""

    def __post_init__(self) -> None:
        if not self.written:
            raise ValueError("`schema` is empty, so it asserts nothing")

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """One outcome. Raises CannotTell where the schema itself is missing or wrong."""
        name = self.written if isinstance(self.written, str) else self.called
        validator = _validator(self._read(exchange.world), name)
        expected = f"as the schema {name} says"
        try:
            document = exchange.json
        except ValueError as error:
            yield exchange.say("the body", ok=False, expected=expected, observed=f"no JSON: {error}")
            return
        found = list(islice(_faults(validator, document, name), TOLD + 1))
        more = "; and more" if len(found) > TOLD else ""
        observed = f"different: {'; '.join(found[:TOLD])}{more}" if found else "as the schema says"
        yield exchange.say("the body", ok=not found, expected=expected, observed=observed)

    def _read(self, world: World) -> Any:
        if not isinstance(self.written, str):
            return plain(self.written)
        try:
            return read_json(world.repo.read(self.written))
        except FileNotFoundError as error:
            message = f"the schema {self.written} is not there"
            raise CannotTell(message, reason=Reason.NOT_FOUND, fix="its path is relative to the root") from error
        except ValueError as error:
            raise _broken(self.written, str(error)) from error


def _validator(schema: Any, name: str) -> Validator:
    """A validator with our formats, patterns in linear time, and no way to the network."""
    from jsonschema import FormatChecker, SchemaError, validators
    from referencing import Registry

    if _mentions(schema, NOT_LINEAR):
        raise _broken(name, f"{NOT_LINEAR} is not supported; use propertyNames with a pattern")
    checker = FormatChecker(formats=())
    for form, predicate in FORMATS.items():
        checker.checks(form)(lambda value, holds=predicate: not isinstance(value, str) or holds(value))
    base = validators.validator_for(schema, default=validators.Draft202012Validator)
    types = base.TYPE_CHECKER.redefine("integer", lambda _, value: is_integer(value))
    kind: type[Validator] = validators.extend(base, {"pattern": _pattern}, type_checker=types)  # type: ignore[no-untyped-call]  # the stubs forgot it
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise _broken(name, f"{error.message} at {error.json_path}") from error
    return kind(schema, registry=Registry(), format_checker=checker)


def _faults(validator: Validator, document: Any, name: str) -> Iterator[str]:
    """Every fault, in the order of its place."""
    from referencing.exceptions import Unresolvable

    try:
        for error in sorted(validator.iter_errors(document), key=lambda found: found.json_path):
            yield f"{error.json_path}: {error.message[:200]}"
    except Unresolvable as error:
        raise _broken(name, f"the reference {error.ref} leads outside of it") from error
    except ValueError as error:
        raise _broken(name, str(error)) from error


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(instance, str) and not compile_pattern(pattern).search(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _mentions(schema: Any, key: str) -> bool:
    if isinstance(schema, Mapping):
        return key in schema or any(_mentions(part, key) for part in schema.values())
    return isinstance(schema, list) and any(_mentions(part, key) for part in schema)


def _broken(name: str, why: str) -> CannotTell:
    message = f"the schema {name} cannot be used: {why}"
    return CannotTell(message, reason=Reason.NOTHING_CHECKED, fix="correct the schema")
