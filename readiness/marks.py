"""What an annotation says of a value beyond its type.

pydantic's own marks would be the same; these do not import it, for what is plainly right is read
without it (see :mod:`readiness.plain`). pydantic is told where it is asked: those two methods are
its protocol for annotations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema


class Before(NamedTuple):
    """A value goes through `read` before its type is looked at; it raises ValueError with the cure."""

    read: Callable[[Any], Any]
    written: Any = None
    """The type of what people write, where the schema is to tell it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic import BeforeValidator

        told = {} if self.written is None else {"json_schema_input_type": self.written}
        return BeforeValidator(self.read, **told).__get_pydantic_core_schema__(source, handler)


class After(NamedTuple):
    """A value of the right type goes through `read`, which raises ValueError with the cure."""

    read: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic import AfterValidator

        return AfterValidator(self.read).__get_pydantic_core_schema__(source, handler)


class Schema(NamedTuple):
    """The JSON Schema of what people write."""

    words: Mapping[str, Any]

    def __hash__(self) -> int:
        return hash(tuple(self.words))  # typing wants to compare the members of a union

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.words)


class Bounds(NamedTuple):
    """The least and the greatest number, and the least length; a value is of the very type, never turned into it."""

    ge: int | None = None
    le: int | None = None
    min_length: int | None = None

    def holds(self, value: Any) -> bool:
        """Whether it is within them."""
        return (
            (self.ge is None or value >= self.ge)
            and (self.le is None or value <= self.le)
            and (self.min_length is None or len(value) >= self.min_length)
        )

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic import Field

        rules = {name: bound for name, bound in self._asdict().items() if bound is not None}
        if source in {int, bool}:
            rules["strict"] = True
        return handler.generate_schema(Annotated[source, Field(**rules)])
