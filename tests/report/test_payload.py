import json
import sys
from collections.abc import Callable

import pytest

from paperless_report import contract, payload
from paperless_report.contract import Value

UUID = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
REQUIRED: dict[str, Callable[[], Value | None]] = {
    "uuid": lambda: UUID,
    "version": lambda: "2.15.0",
    "channel": lambda: "beta",
    "install_type": lambda: "docker",
    "arch": lambda: "x86_64",
}


def build(**collectors: Callable[[], Value | None]) -> payload.Payload:
    return payload.build(contract.load_fields().values(), {**REQUIRED, **collectors})


def fails() -> Value:
    raise RuntimeError("/secret/path")


def test_the_body_is_the_values_in_the_contracts_order() -> None:
    built = build(multi_user=lambda: True, commit=lambda: "bd86dca57")

    assert (
        built.body
        == (
            f'{{"uuid":"{UUID}","version":"2.15.0","channel":"beta","commit":"bd86dca57",'
            '"install_type":"docker","arch":"x86_64","multi_user":true}'
        ).encode()
    )
    assert built.missing == ()


@pytest.mark.point("C13", "Payload schema")
@pytest.mark.parametrize(
    "collector",
    [fails, lambda: None, lambda: "does not fit"],
    ids=["fails", "none", "no fit"],
)
@pytest.mark.parametrize("name", contract.load_fields())
def test_a_fact_that_is_not_to_be_had_is_left_out_never_null(
    name: str, collector: Callable[[], Value | None]
) -> None:
    built = build(**{name: collector})

    assert name not in built.values
    assert name in built.left_out
    assert name not in json.loads(built.body)
    assert [field.name for field in built.missing] == (
        [name] if name in REQUIRED else []
    )


def test_why_a_fact_is_left_out_quotes_nothing() -> None:
    assert build(python=fails).left_out["python"] == "RuntimeError"


def test_a_host_that_exits_on_import_does_not_end_the_command() -> None:
    assert build(python=lambda: sys.exit(3)).left_out["python"] == "SystemExit"


def test_what_the_contract_does_not_name_cannot_be_sent() -> None:
    assert "hostname" not in build(hostname=lambda: "canary").values


def test_false_is_a_value() -> None:
    assert build(feature_ai=lambda: False).values["feature_ai"] is False
