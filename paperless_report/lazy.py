"""Computes an attribute when it is first used, without a lock."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

_Value = TypeVar("_Value")


class Lazy(Generic[_Value]):
    """Decorates a method: it becomes an attribute that is computed once.

    Python 3.11's `functools.cached_property` holds a lock meanwhile. A process that is forked
    at that moment would wait for it for ever. Here, two threads may compute the same value.
    """

    def __init__(self, compute: Callable[[Any], _Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        """Store the name of the attribute."""
        self._name = name

    def __get__(self, instance: object, _owner: type | None = None) -> _Value:
        """Compute the value; from then on, the instance has the attribute itself."""
        value = self._compute(instance)
        instance.__dict__[self._name] = value
        return value
