"""A changed contract yields its migration, and no data is lost unless the caller names it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.worker.changed_contracts import FIRST, SampleProject, Schema
from usage_receiver import configuration, generate

PROJECTS = sorted(configuration.PAPERLESS_NGX.parent.glob("*/project.ts"))
COUNTRY: Schema = {"title": "Country", "type": "string", "enum": ["DE", "FR"]}
BOTH = ("reports", "installations")
REPORTS = ("reports",)
Change = Callable[[SampleProject], object]


@pytest.fixture
def sample(tmp_path: Path) -> SampleProject:
    """A project with the migration of its first contract."""
    project = SampleProject(tmp_path / "sample")
    project.write_first_migration()
    return project


@pytest.fixture
def database(sample: SampleProject) -> Iterator[sqlite3.Connection]:
    """The project's database, with one installation and a withheld size."""
    with closing(sqlite3.connect(":memory:")) as connection:
        apply(connection, sample)
        connection.executescript("""
            INSERT INTO reports (received, uuid, version, size, users)
              VALUES ('2026-05-18', 'a', '1.0', '0-99', 3);
            INSERT INTO installations (received, uuid, version, size)
              VALUES ('2026-05-18', 'a', '1.0', '0-99');
            INSERT INTO withheld_values VALUES ('size', '100+');
        """)
        yield connection


def apply(connection: sqlite3.Connection, project: SampleProject) -> None:
    """Apply the project's newest migration."""
    connection.executescript([*project.read_migrations().values()][-1])


def read_row(connection: sqlite3.Connection, table: str) -> dict[str, object]:
    cursor = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # a table's name
    (row,) = cursor.fetchall()
    return dict(zip((it[0] for it in cursor.description), row, strict=True))


def add_field(schema: Schema) -> Change:
    return lambda project: project.properties.update(country=schema)


def remove_size(project: SampleProject) -> None:
    del project.properties["size"]


def rename_size(project: SampleProject) -> None:
    project.properties["volume"] = project.properties.pop("size")


def change_type_of_users(project: SampleProject) -> None:
    project.properties["users"] = COUNTRY


def unpublish_size(project: SampleProject) -> None:
    del project.properties["size"]["x-published"]


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.parent.name)
def test_the_migrations_of_each_project_make_its_tables(path: Path) -> None:
    assert "Nothing to do" in generate.write_migration(path.parent, check=True)


def test_the_first_migration_makes_all_tables(sample: SampleProject) -> None:
    assert "Nothing to do" in generate.write_migration(sample.folder)
    assert list(sample.read_migrations()) == [FIRST]


@pytest.mark.parametrize(
    ("change", "name", "tables"),
    [
        (add_field(COUNTRY), "0002_add_country", {"reports": "country"}),
        (
            add_field(COUNTRY | {"x-published": True}),
            "0002_add_country",
            {"reports": "country", "installations": "country"},
        ),
        (
            lambda project: project.properties.update(
                host={"type": "object", "properties": {"country": COUNTRY}}
            ),
            "0002_add_host_country",
            {"reports": "host.country"},
        ),
        (
            lambda project: project.properties["users"].update({"x-published": True}),
            "0002_add_users",
            {"installations": "users"},
        ),
    ],
)
def test_an_added_field_is_an_empty_column(
    sample: SampleProject,
    database: sqlite3.Connection,
    change: Change,
    name: str,
    tables: dict[str, str],
) -> None:
    before = {table: read_row(database, table) for table in BOTH}
    change(sample)
    sample.save()

    generate.write_migration(sample.folder)

    assert list(sample.read_migrations()) == [FIRST, f"{name}.sql"]
    apply(database, sample)
    for table, row in before.items():
        added = {tables[table]: None} if table in tables else {}
        assert read_row(database, table) == row | added


@pytest.mark.parametrize(
    ("change", "drop", "tables"),
    [
        (remove_size, "size", BOTH),
        (unpublish_size, "size", ("installations",)),
        (change_type_of_users, "users", REPORTS),
    ],
)
def test_drop_deletes_the_column_in_every_table(
    sample: SampleProject,
    database: sqlite3.Connection,
    change: Change,
    drop: str,
    tables: tuple[str, ...],
) -> None:
    change(sample)
    sample.save()
    with pytest.raises(generate.GenerationFailedError, match=f"--drop {drop}"):
        generate.write_migration(sample.folder)
    assert len(sample.read_migrations()) == 1

    generate.write_migration(sample.folder, drops=[drop])

    apply(database, sample)
    for table in tables:
        assert read_row(database, table).get(drop) is None
    assert read_row(database, "reports")["version"] == "1.0"


def test_rename_keeps_the_data_and_what_is_withheld(
    sample: SampleProject, database: sqlite3.Connection
) -> None:
    rename_size(sample)
    sample.save()
    with pytest.raises(generate.GenerationFailedError, match="--rename size=NEW"):
        generate.write_migration(sample.folder)

    generate.write_migration(sample.folder, renames=["size=volume"])

    assert list(sample.read_migrations())[1:] == ["0002_rename_size_to_volume.sql"]
    apply(database, sample)
    for table in BOTH:
        row = read_row(database, table)
        assert row["volume"] == "0-99"
        assert "size" not in row
    withheld = database.execute("SELECT * FROM withheld_values ORDER BY field")
    assert withheld.fetchall() == [("size", "100+"), ("volume", "100+")]


def test_rename_keeps_the_data_of_a_table(
    sample: SampleProject, database: sqlite3.Connection
) -> None:
    sample.storage["table"] = "received_reports"
    sample.save()
    with pytest.raises(generate.GenerationFailedError, match="--drop reports"):
        generate.write_migration(sample.folder)

    generate.write_migration(sample.folder, renames=["reports=received_reports"])

    apply(database, sample)
    assert read_row(database, "received_reports")["size"] == "0-99"
    assert "Nothing to do" in generate.write_migration(sample.folder, check=True)


def test_the_newest_facts_have_one_table_and_a_limit_two_more_columns(
    tmp_path: Path,
) -> None:
    project = SampleProject(tmp_path / "sample")
    del project.contract["x-once-in-days"]
    project.storage = {"mode": "latest", "table": "machines"}
    project.save()
    project.write_first_migration()
    (first,) = project.read_migrations().values()

    project.storage["perHour"] = 3
    add_field(COUNTRY)(project)
    project.save()
    generate.write_migration(project.folder)

    assert first.count("CREATE TABLE") == 6
    _, second = project.read_migrations().values()
    assert [line for line in second.splitlines() if "ALTER" in line] == [
        f'ALTER TABLE "machines" ADD COLUMN "{name}" {sql};'
        for name, sql in (
            ("hour_start", "TEXT"),
            ("sent_in_hour", "INTEGER"),
            ("country", "TEXT"),
        )
    ]


def test_everything_that_would_be_lost_is_named_at_once(sample: SampleProject) -> None:
    rename_size(sample)
    change_type_of_users(sample)
    sample.save()

    with pytest.raises(generate.GenerationFailedError) as caught:
        generate.write_migration(sample.folder)

    _, *named, together = str(caught.value).splitlines()
    *sizes, users = sorted(named, key=lambda line: "users" in line)
    assert sizes == [
        f"The table {table} no longer needs the column size."
        " To keep its data under a new name, add --rename size=NEW."
        " To delete its data, add --drop size."
        for table in BOTH
    ]
    assert users.endswith("To delete its data, add --drop users.")
    assert together == "To delete all of these data, add --drop size --drop users."
    assert len(sample.read_migrations()) == 1


def test_another_key_needs_new_tables(
    sample: SampleProject, database: sqlite3.Connection
) -> None:
    sample.properties["key"] = sample.properties.pop("uuid")
    sample.contract |= {"x-installation-id": "key", "required": ["key", "version"]}
    sample.storage["table"] = "received_reports"
    sample.save()

    with pytest.raises(generate.GenerationFailedError) as caught:
        generate.write_migration(sample.folder)

    message = str(caught.value)
    assert "--drop reports" in message
    assert "The table installations has another key" in message
    generate.write_migration(sample.folder, drops=["reports", "installations"])
    apply(database, sample)
    assert database.execute("SELECT key FROM installations").fetchall() == []


@pytest.mark.parametrize(
    ("renames", "drops", "message"),
    [
        (["size=volume"], [], "--rename size=volume"),
        (["volume=size"], [], "--rename volume=size"),
        (["size"], [], "--rename size: write it as --rename OLD=NEW"),
        ([], ["size"], "--drop size fits no change: the project needs it"),
        ([], ["nothing"], "--drop nothing"),
    ],
)
def test_an_option_that_fits_no_change_is_refused(
    sample: SampleProject, renames: list[str], drops: list[str], message: str
) -> None:
    add_field(COUNTRY)(sample)
    sample.save()

    with pytest.raises(generate.GenerationFailedError, match=message):
        generate.write_migration(sample.folder, renames, drops)
    assert len(sample.read_migrations()) == 1


def test_a_migration_that_fails_is_named(sample: SampleProject) -> None:
    path = sample.folder / "migrations" / "0002_broken.sql"
    path.write_text("ALTER TABLE nothing ADD COLUMN x TEXT;", encoding="utf-8")

    with pytest.raises(generate.GenerationFailedError, match=r"0002_broken\.sql fails"):
        generate.write_migration(sample.folder)


def test_check_writes_nothing_and_shows_what_is_missing(sample: SampleProject) -> None:
    add_field(COUNTRY)(sample)
    sample.save()

    with pytest.raises(generate.GenerationFailedError, match='ADD COLUMN "country"'):
        generate.write_migration(sample.folder, check=True)
    assert len(sample.read_migrations()) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda project: project.properties.update(
                Users=project.properties["users"]
            ),
            "same name: users",
        ),
        (
            lambda project: project.properties.update(received=COUNTRY),
            "same name: received",
        ),
        (
            lambda project: project.properties.update(
                {f"flag_{number}": COUNTRY for number in range(98)}
            ),
            "At most 100",
        ),
        (
            lambda project: project.properties["users"].update(multipleOf=5),
            "multipleOf",
        ),
    ],
)
def test_a_contract_that_no_table_can_hold_is_refused(
    sample: SampleProject, change: Change, message: str
) -> None:
    change(sample)
    sample.save()

    with pytest.raises(generate.GenerationFailedError, match=message):
        generate.write_migration(sample.folder)
