import functools
import json
import sys
from collections.abc import Callable, Mapping

import pytest

from paperless_report import contract
from paperless_report.contract import Value
from paperless_report.report.payload import Absence, Misfit, Payload, build_payload

UUID = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
REQUIRED: dict[str, Callable[[], Value | None]] = {
    "uuid": lambda: UUID,
    "version": lambda: "2.15.0",
    "channel": lambda: "beta",
    "install_type": lambda: "docker",
    "arch": lambda: "x86_64",
}


def build(**collectors: Callable[[], Value | None]) -> Payload:
    return build_payload(contract.load_fields().values(), {**REQUIRED, **collectors})


def fail() -> Value:
    raise RuntimeError("/secret/path")


def test_the_body_holds_the_values_in_the_contracts_order() -> None:
    payload = build(multi_user=lambda: True, commit=lambda: "bd86dca57")

    assert (
        payload.body
        == (
            f'{{"uuid":"{UUID}","version":"2.15.0","channel":"beta","commit":"bd86dca57",'
            '"install_type":"docker","arch":"x86_64","multi_user":true}'
        ).encode()
    )
    assert payload.missing == ()


def test_the_text_of_a_payload_holds_no_value_that_the_contract_refuses() -> None:
    assert "secret" not in repr(
        build(layout=lambda: "secret", channel=lambda: "secret")
    )


@pytest.mark.point("C13", "Payload schema")
@pytest.mark.parametrize(
    ("collector", "absence"),
    [
        (fail, "RuntimeError"),  # and not the message, which may quote a path
        (lambda: sys.exit(3), "SystemExit"),
        (lambda: None, Absence.UNKNOWN),
        (lambda: "does not fit", "Misfit"),
    ],
    ids=["fails", "exits", "none", "no fit"],
)
@pytest.mark.parametrize("name", contract.load_fields())
def test_an_unavailable_field_is_left_out_never_null(
    name: str, collector: Callable[[], Value | None], absence: Absence | str
) -> None:
    payload = build(**{name: collector})

    assert name not in payload.values
    found = payload.absences[name]
    assert ("Misfit" if isinstance(found, Misfit) else found) == absence
    assert name not in json.loads(payload.body)
    assert [field.name for field in payload.missing] == (
        [name] if name in REQUIRED else []
    )


def test_a_field_outside_the_contract_cannot_be_sent() -> None:
    assert "hostname" not in build(hostname=lambda: "canary").values


def test_false_is_a_value() -> None:
    assert build(feature_ai=lambda: False).values["feature_ai"] is False


NESTED = contract.parse_fields(
    {
        "type": "object",
        "x-installation-id": "id",
        "properties": {
            "id": {"type": "string", "enum": ["a"]},
            "host": {
                "type": "object",
                "properties": {"os": {"type": "string", "enum": ["linux"]}},
            },
            "disk": {
                "type": "object",
                "properties": {
                    "kind": {"type": "string", "enum": ["ssd"]},
                    "full": {"type": "boolean"},
                },
                "required": ["kind"],
            },
        },
        "required": ["id", "host"],
    }
)


def build_nested(values: Mapping[str, Value]) -> Payload:
    found = {"id": "a", **values}
    return build_payload(
        NESTED.values(),
        {name: functools.partial(found.get, name) for name in NESTED},
    )


def test_the_body_nests_as_the_contract_does() -> None:
    payload = build_nested({"host.os": "linux", "disk.kind": "ssd", "disk.full": True})

    expected = b'{"id":"a","host":{"os":"linux"},"disk":{"kind":"ssd","full":true}}'
    assert payload.body == expected


def test_an_object_is_left_out_without_a_field_that_it_requires() -> None:
    payload = build_nested({"disk.full": True})

    assert "disk" not in payload.report
    assert payload.values == {"id": "a"}
    assert payload.absences["disk.kind"] is Absence.UNKNOWN
    assert payload.absences["disk.full"] is Absence.INCOMPLETE
    assert payload.missing == ()


def test_a_required_object_is_sent_even_if_it_is_empty() -> None:
    assert build_nested({}).body == b'{"id":"a","host":{}}'
