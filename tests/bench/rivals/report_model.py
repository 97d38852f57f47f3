"""Validates a report: what the Python receivers share, with the contract's own patterns."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

MAX_BYTES = 4096
InstallType = Literal[
    *("kubernetes", "podman", "docker", "nixos", "snap", "flatpak", "distro"),
    *("release", "source", "alpine", "arch", "cloudron", "debian", "fedora"),
    *("freebsd", "gentoo", "homebrew", "macports", "openbsd", "opensuse", "proxmox"),
    *("rpm", "synology", "truenas", "ubuntu", "umbrel", "unraid", "void", "yunohost"),
]


class Report(BaseModel):
    """One report. Pydantic's core, written in Rust, parses and checks it."""

    uuid: Annotated[
        str,
        Field(
            pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
        ),
    ]
    version: Annotated[str, Field(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")]
    channel: Literal["stable", "beta", "dev"]
    install_type: InstallType
    arch: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{7,40}$")] | None = None
    build_date: (
        Annotated[
            str,
            Field(
                pattern=r"^(19[7-9]|20[0-9])[0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
                r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
            ),
        ]
        | None
    ) = None
    python: (
        Annotated[
            str,
            Field(pattern=r"^[0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3}[A-Za-z0-9.+]{0,16}$"),
        ]
        | None
    ) = None
    database: Literal["mysql", "oracle", "postgresql", "sqlite3"] | None = None
    doc_bucket: (
        Literal["0-99", "100-999", "1000-9999", "10000-49999", "50000+"] | None
    ) = None
    multi_user: bool | None = None
    feature_mail: bool | None = None
    feature_ai: bool | None = None
