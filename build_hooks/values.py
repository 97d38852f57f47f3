"""Defines the base class of this package's data types. Pure."""

from typing import Any, ClassVar, Self, dataclass_transform


@dataclass_transform(frozen_default=True)
class Value:
    """Immutable data, compared by value. Subclasses only declare their attributes.

    Named tuples and dataclasses generate code where they are defined, which takes more
    than ten times as long (0.2 ms for a named tuple), and a build defines twenty types.
    """

    _fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Note the names of the attributes."""
        cls._fields = tuple(cls.__annotations__)

    def __init__(self, *values: object, **named: object) -> None:
        """Set the attributes, in the order of their declaration or by name."""
        fields = self._fields
        given = {**dict(zip(fields, values, strict=False)), **named}
        known = len(values) + len(named) == len(given) and given.keys() <= set(fields)
        if not known or not all(hasattr(self, it) for it in fields if it not in given):
            raise TypeError(f"{type(self).__name__} takes {', '.join(fields)}")
        self.__dict__.update(given)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse to change an attribute."""
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def __eq__(self, other: object) -> bool:
        """Compare all attributes."""
        if type(self) is not type(other):
            return NotImplemented
        return self._as_tuple() == other._as_tuple()

    def __hash__(self) -> int:
        """Hash all attributes."""
        return hash(self._as_tuple())

    def __repr__(self) -> str:
        """Show all attributes."""
        values = zip(self._fields, self._as_tuple(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{it}={v!r}' for it, v in values)})"

    def _as_tuple(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self._fields)

    def _replace(self, **changes: object) -> Self:
        """Return a copy with *changes*; the name is that of named tuples."""
        return type(self)(**{**self.__dict__, **changes})
