"""Lets one collector return an object of the contract: all its fields at once."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any, cast

from paperless_report.contract import Field, Value
from paperless_report.report.kind import Collector, ObjectCollector

_Collect = Callable[[], Any]


def list_objects(fields: Collection[Field]) -> set[str]:
    """Return the names of the objects that hold *fields*, such as `a` and `a.b`."""
    return {name for declared in fields for name, _ in _list_parents(declared)}


def split_objects(
    collectors: Mapping[str, Collector | ObjectCollector], fields: Collection[Field]
) -> dict[str, Collector]:
    """Return a collector for each field that *collectors* has one for.

    The collector of an object is called once for all its fields. A field's own collector
    comes first, then that of the innermost object.
    """
    shared = {name: _call_once(collect) for name, collect in collectors.items()}
    return {
        declared.name: collector
        for declared in fields
        if (collector := _find_collector(declared, collectors, shared))
    }


def _find_collector(
    declared: Field,
    collectors: Mapping[str, Collector | ObjectCollector],
    shared: Mapping[str, _Collect],
) -> Collector | None:
    if declared.name in collectors:
        return cast("Collector", collectors[declared.name])
    for name, path in _list_parents(declared):
        if name in shared:
            return partial(_pick, shared[name], path)
    return None


def _list_parents(declared: Field) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each object that holds a field, the innermost first, and the path below it."""
    path = declared.path
    for depth in range(len(path) - 1, 0, -1):
        yield ".".join(path[:depth]), path[depth:]


def _pick(collect: _Collect, path: tuple[str, ...]) -> Value | None:
    """Return the value at *path* of what *collect* returns; None if it is not there.

    Raises:
        TypeError: If something on the way is not an object.
    """
    value = collect()
    for name in path:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise TypeError
        value = value.get(name)
    return cast("Value | None", value)


def _call_once(collect: _Collect) -> _Collect:
    results: list[_Collect] = []

    def call() -> object:
        if not results:
            results.append(_call(collect))
        return results[0]()

    return call


def _call(collect: _Collect) -> _Collect:
    """Call *collect*, and return a function that gives its result, or fails as it did."""
    try:
        return partial(_return, collect())
    # Whatever the host's own modules do, even exit, each field has the same reason.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return partial(_raise, error)


def _return(value: object) -> object:
    return value


def _raise(error: BaseException) -> object:
    raise error
