import pytest

from build_hooks.values import Value


class Point(Value):
    x: int
    y: int = 0


def test_attributes_are_set_in_order_or_by_name() -> None:
    assert Point(1, 2) == Point(y=2, x=1)
    assert Point(1) == Point(1, 0)
    assert repr(Point(1)) == "Point(x=1, y=0)"


def test_values_are_compared_and_hashed_by_their_attributes() -> None:
    assert Point(1) != Point(2)
    assert Point(1) != (1, 0)
    assert len({Point(1), Point(1, 0), Point(2)}) == 2


def test_a_copy_may_differ() -> None:
    point = Point(1, 2)

    assert point._replace(x=3) == Point(3, 2)
    assert point == Point(1, 2)


def test_an_attribute_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match=r"Point\.x cannot be changed"):
        Point(1).x = 2  # type: ignore[misc]  # what is tested


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1})],
)
def test_missing_and_unknown_attributes_are_refused(
    values: tuple[int, ...], named: dict[str, int]
) -> None:
    with pytest.raises(TypeError, match="Point takes x, y"):
        Point(*values, **named)
