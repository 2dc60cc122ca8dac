"""A kept release with other ids for a person: a new file in the place of the old one, every number as it was.

Readers that have the old file open keep it until they let go; who opens the release next gets the new one.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from marketing_mart.erasure.identifiers import Tokens, opening_of, value_of
from marketing_mart.erasure.marks import Marks, hyphened
from marketing_mart.errors import PublishError
from marketing_mart.landing.rewriting import sync
from marketing_mart.landing.sql import literal, quoted
from marketing_mart.release import DESCRIPTION, Release, attached
from marketing_mart.streams import TEXT

# column -> the key of what its values are replaced by, and the rows it is asked of. A contact's number is a lead's
# conversion and a form's touch; an order may have the same number.
_REPLACED = {
    "person_id": ("person_id", ""),
    "person_key": ("cast(person_key as varchar)", ""),
    "contact_id": ("'contact:' || source || ':' || contact_id", ""),
    "conversion_id": ("'contact:' || source || ':' || conversion_id", "conversion_type in ('lead', 'contact_origin')"),
    "touch_id": ("touch_id", "touch_id like 'lead_form:%'"),
    "event_id": ("'contact:' || source || ':' || event_id", "touch_type = 'lead_form'"),
}


def erase_from(release: Release, tokens: Tokens, marks: Marks) -> int:
    """Returns how many rows of the release's tables were changed; 0 leaves the file as it is. PublishError where the
    new file has not the rows of the old one: the old one stays."""
    new_ids = _new_ids(tokens)
    work = release.path / "erasing.duckdb"
    written = release.path / "erased.duckdb"
    for leftover in (work, written, Path(f"{work}.wal"), Path(f"{written}.wal")):
        leftover.unlink(missing_ok=True)
    if not _holds_any(release.database, new_ids, marks):
        _describe(release)  # an erasure that was killed may have got as far as the file
        return 0
    shutil.copyfile(release.database, work)
    changed = _replace(work, new_ids, marks)
    with duckdb.connect() as connection:  # what was replaced stays in the file's old blocks, so it is copied
        connection.execute(
            f"attach {literal(str(work))} as work (read_only); attach {literal(str(written))} as written"
        )
        connection.execute("use work.mart")  # the views name their tables without a schema
        connection.execute("copy from database work to written")
    work.unlink()
    found = {name: rows for name, rows in release.tables.items() if rows is not None}
    counted = _rows(written, found)
    if counted != found:
        raise PublishError(
            f"release {release.release_id}: after an erasure its tables would have other rows: "
            f"{ {name: counted.get(name) for name in found if counted.get(name) != found[name]} }",
            next_step="the release is as it was; tell who keeps this program",
        )
    sync(written)
    written.chmod(0o444)
    os.replace(written, release.database)
    _describe(release)
    return changed


def _describe(release: Release) -> None:
    """release.json with the size that the file has now."""
    size = release.database.stat().st_size
    if size != release.bytes:
        description = release.path / f"{DESCRIPTION}.tmp"
        description.write_text(replace(release, bytes=size).describe())
        sync(description)
        os.replace(description, release.path / DESCRIPTION)
    sync(release.path)


def _new_ids(tokens: Tokens) -> dict[str, str]:
    """By the keys of `_REPLACED`: a person's id as text and as a number, a contact, a form's touch."""
    new = dict(tokens.person_ids)
    new |= {hyphened(old): hyphened(id_) for old, id_ in tokens.person_ids.items()}
    for identifier, token in tokens.new.items():
        if opening_of(identifier).startswith("contact:"):
            source = opening_of(identifier).partition(":")[2]
            new[identifier] = value_of(token)
            new[f"lead_form:{source}:{value_of(identifier)}"] = f"lead_form:{source}:{value_of(token)}"
    return new


def _columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """(table, column) of what is replaced; columns of views follow their tables."""
    return connection.execute(
        "select table_name, column_name from duckdb_columns() join duckdb_tables() using (database_name, schema_name,"
        " table_name) where schema_name = 'mart' and database_name = current_database() and column_name in"
        f" ({', '.join(literal(name) for name in _REPLACED)}) order by all"
    ).fetchall()


def _condition(column: str) -> str:
    key, rows = _REPLACED[column]
    return f"{key} in (select old from ids)" + (f" and {rows}" if rows else "")


def _give(connection: duckdb.DuckDBPyConnection, new_ids: Mapping[str, str]) -> None:
    connection.register("given", pa.table({"old": list(new_ids), "new": list(new_ids.values())},
                                          pa.schema([("old", TEXT), ("new", TEXT)])))  # fmt: skip
    connection.execute("create temp table ids as from given")


def _texts(connection: duckdb.DuckDBPyConnection, marks: Marks) -> Iterator[tuple[str, str, str]]:
    """(table, column, text) of every other text in which the person stands: why a run failed, a row in quarantine."""
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns() join duckdb_tables() using (database_name, schema_name,"
        " table_name) where schema_name = 'mart' and database_name = current_database() and data_type = 'VARCHAR'"
        " order by all"
    ).fetchall()
    for table, column in columns:
        if column in _REPLACED:
            continue
        found = connection.execute(
            f"select distinct {quoted(column)} from {quoted(table)}"
            f" where regexp_matches({quoted(column)}, {literal(marks.in_sql)}, 'i')"
        ).fetchall()
        yield from ((table, column, text) for (text,) in found)


def _holds_any(database: Path, new_ids: Mapping[str, str], marks: Marks) -> bool:
    with attached(database) as connection:
        _give(connection, new_ids)
        return any(_texts(connection, marks)) or any(
            connection.execute(f"select 1 from {quoted(table)} where {_condition(column)} limit 1").fetchone()
            for table, column in _columns(connection)
        )


def _replace(database: Path, new_ids: Mapping[str, str], marks: Marks) -> int:
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(database))} as work; use work.mart")
        _give(connection, new_ids)
        changed = 0
        for table, column in _columns(connection):
            key, _ = _REPLACED[column]
            (rows,) = connection.execute(
                f"update {quoted(table)} set {quoted(column)} = (select new from ids where old = {key})"
                f" where {_condition(column)}"
            ).fetchone()
            changed += rows
        for table, column, text in list(_texts(connection, marks)):
            (rows,) = connection.execute(
                f"update {quoted(table)} set {quoted(column)} = ? where {quoted(column)} = ?",
                [marks.replaced(text)[0], text],
            ).fetchone()
            changed += rows
        return changed


def _rows(database: Path, tables: Mapping[str, int | None]) -> dict[str, int]:
    with attached(database) as connection:
        return {name: connection.execute(f"select count(*) from {quoted(name)}").fetchone()[0] for name in tables}
