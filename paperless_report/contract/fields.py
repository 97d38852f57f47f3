"""Defines a field of a report, and reads the fields from a report kind's schema."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paperless_report.contract.keywords import Schema, find_failure, read_type
from paperless_report.contract.supported_words import find_faults

Scalar = str | bool | int
Value = Scalar | Sequence[Scalar]


class InvalidContractError(ValueError):
    """A schema uses words that are not enforced.

    Attributes:
        problems: The JSON Pointer of each word, and why it is not supported.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "\n  ".join(("The contract cannot be enforced:", *self.problems))
        )


@dataclass(frozen=True)
class Field:
    """One field of a report: a scalar or a list of scalars.

    Attributes:
        path: The keys that lead to it in the JSON.
        chain: For each key of the path, whether the object that holds it requires it.
        title: Its label in the preview.
        description: What it holds, and which question it answers.
        schema: Its JSON Schema (2020-12).
    """

    path: tuple[str, ...]
    chain: tuple[bool, ...]
    title: str
    description: str
    schema: Schema

    @property
    def name(self) -> str:
        """Its dotted path, which is also the name of its column in the database."""
        return ".".join(self.path)

    @property
    def required(self) -> bool:
        """Whether a report without it is refused."""
        return all(self.chain)

    @property
    def set_by_receiver(self) -> bool:
        """Whether the receiver adds it, so that it is never collected or sent."""
        return self.schema.get("x-set-by-receiver") is True

    @property
    def needed_by(self) -> str | None:
        """The dotted path of the optional object that is left out without this field.

        It is empty if that is the whole report, and None if the field may be absent.
        """
        if not self.chain[-1]:
            return None
        optional = [depth for depth, needed in enumerate(self.chain, 1) if not needed]
        return ".".join(self.path[: max(optional, default=0)])

    def fits(self, value: object) -> bool:
        """Return whether *value* may be sent as this field."""
        return find_failure(self.schema, value) is None

    def clean(self, value: Value) -> Value:
        """Return what is sent of *value*, which fits: of a list, what fits, once each."""
        if not isinstance(value, list):
            return _to_scalar(value)
        items = self.schema["items"]
        fitting = {_to_scalar(it) for it in value if find_failure(items, it) is None}
        return sorted(fitting, key=_rank)


def _to_scalar(value: Any) -> Scalar:  # noqa: ANN401  # a float too, which JSON writes as 1.0
    return int(value) if isinstance(value, float) else value


def parse_fields(schema: Schema) -> dict[str, Field]:
    """Return the fields that *schema* declares by name, in its order.

    Raises:
        InvalidContractError: If it uses words that one side does not enforce.
    """
    if faults := find_faults(schema):
        raise InvalidContractError(faults)
    return {field.name: field for field in list_fields(schema)}


def list_fields(
    schema: Schema,
    path: tuple[str, ...] = (),
    chain: tuple[bool, ...] = (),
    title: str = "",
) -> Iterator[Field]:
    """List the fields that a supported *schema* declares, in its order.

    Args:
        schema: The schema of an object.
        path: The keys that lead to that object.
        chain: For each of these keys, whether it is required.
        title: The title of that object.
    """
    names = schema.get("propertyNames", {}).get("enum", ())
    parts: Mapping[str, Schema] = schema.get("properties") or dict.fromkeys(
        names, schema.get("additionalProperties")
    )
    for name, part in parts.items():
        here = (*path, name)
        needed = (*chain, name in schema.get("required", ()))
        # The entries of a map share one schema.
        label = f"{title}: {name}" if names else part.get("title", ".".join(here))
        if read_type(part) == "object":
            yield from list_fields(part, here, needed, label)
        else:
            yield Field(here, needed, label, part.get("description", ""), part)


def _rank(value: Scalar) -> bytes | int:
    """Sort texts as JavaScript does."""
    return (
        value.encode("utf-16-be", "surrogatepass") if isinstance(value, str) else value
    )
