"""The search that proves an erasure: every file of MART_HOME, by what is in it and not by where it was written from."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import duckdb

from marketing_mart.erasure.identifiers import Tokens, identifying_name, opening_of, value_of
from marketing_mart.erasure.marks import DISTINCTIVE, Marks, escaped
from marketing_mart.erasure.remains import OWN, is_sqlite, text_columns
from marketing_mart.landing.sql import literal, quoted

_TEXT_TYPES = ("VARCHAR", "UUID", "JSON")


def found_in(home: Path, marks: Marks, tokens: Tokens, inbox: Path) -> dict[str, int]:
    """file (relative to MART_HOME) -> how often the person was found in it; only files with a find. `searched` has how
    many files were looked through. The inbox is its owner's and the journal of the erasure goes with its end."""
    found, searched = {}, 0
    for path in _files(home, inbox):
        searched += 1
        if count := _count(path, marks, tokens):
            found[str(path.relative_to(home))] = count
    return found | {"searched": searched}


def _files(home: Path, inbox: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(home):
        names[:] = [name for name in names if Path(folder, name) != inbox]
        yield from (Path(folder, name) for name in files if name != OWN and not Path(folder, name).is_symlink())


def _count(path: Path, marks: Marks, tokens: Tokens) -> int:
    if path.suffix == ".parquet":
        source = path.parts[-4] if path.parent.name.startswith("day=") else ""
        with duckdb.connect() as connection:
            return _in_table(connection, f"read_parquet({literal(str(path))})", marks, tokens, source)
    if path.suffix == ".duckdb":
        with duckdb.connect() as connection:
            connection.execute(f"attach {literal(str(path))} as looked (read_only)")
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'looked'"
            ).fetchall()
            return sum(
                _in_table(connection, f"looked.{quoted(schema)}.{quoted(table)}", marks, tokens)
                for schema, table in tables
            )
    if is_sqlite(path):
        return _in_records(path, marks)
    return marks.count(path.read_text(encoding="utf-8", errors="replace"))


def _in_table(connection: duckdb.DuckDBPyConnection, table: str, marks: Marks, tokens: Tokens, source: str = "") -> int:
    """Cells of any column, lists and records included, with a long value anywhere in them; and cells of columns named
    after an identifier that are, or have in them, a short one. `source`: whose the table's contacts are, where no
    column says so."""
    columns = {name: kind for name, kind, *_ in connection.execute(f"describe select * from {table}").fetchall()}
    conditions = []
    for name, kind in columns.items():
        if not any(text in kind for text in _TEXT_TYPES):
            continue
        cell = f"cast({quoted(name)} as varchar)"
        if marks.long:
            conditions.append(f"regexp_matches({cell}, {literal(marks.in_sql)}, 'i')")
        for identifier in tokens.new:
            opening, value = opening_of(identifier), value_of(identifier)
            if len(value) >= DISTINCTIVE:
                continue
            if opening.startswith("contact:"):
                conditions.append(f"ends_with({cell}, {literal(f':{identifier[8:]}')})")
            if identifying_name(name, opening):
                inside = literal(rf"(^|[\[ ,]){escaped(value)}($|[\] ,])")
                conditions.append(f"regexp_matches({cell}, {inside}) and {_of_source(opening, columns, source)}")
    if not conditions:
        return 0
    counts = ", ".join(f"count(*) filter ({condition})" for condition in conditions)
    return sum(connection.execute(f"select {counts} from {table}").fetchone())


def _of_source(opening: str, columns: Mapping[str, str], source: str) -> str:
    """Two systems may have a contact of one number each."""
    whose = opening.partition(":")[2]
    if not whose or not (source or "source" in columns):
        return "true"
    return f"{literal(source)} = {literal(whose)}" if source else f"source = {literal(whose)}"


def _in_records(path: Path, marks: Marks) -> int:
    """Texts of every table, and what the file's free pages still hold."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as db:
        found = 0
        for table, column in text_columns(db):
            for (text,) in db.execute(f'select "{column}" from "{table}" where "{column}" is not null'):
                found += marks.count(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text))
    raw = path.read_bytes().decode("latin-1")
    return found or len(marks.values.findall(raw))
