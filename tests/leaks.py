"""Every file of a MART_HOME as text, packed and compressed ones unpacked, to look for what must not be there."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import duckdb


def texts_of(home: Path) -> dict[Path, str]:
    """Path -> text. Names of files count too. A release's database is told table by table."""
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert files
    return {path: f"{path.relative_to(home)}\n{_text(path)}" for path in files}


def found_in(texts: Mapping[Path, str], *words: str) -> list[str]:
    """`word in path` for each word that stands in a file, in whatever case."""
    lowered = {path: text.lower() for path, text in texts.items()}
    return [f"{word} in {path}" for word in words for path, text in lowered.items() if word.lower() in text]


def _text(path: Path) -> str:
    if path.suffix == ".parquet":
        with duckdb.connect() as engine:
            return repr(engine.execute("from read_parquet(?)", [str(path)]).fetchall())
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as engine:
            tables = engine.execute(
                "select table_catalog, table_schema, table_name from information_schema.tables"
            ).fetchall()
            assert tables, path
            named = [".".join('"' + part.replace('"', '""') + '"' for part in table) for table in tables]
            return "\n".join(repr(engine.execute(f"from {name}").fetchall()) for name in named)
    if path.suffix == ".db":
        with closing(sqlite3.connect(path)) as db:
            return "\n".join(db.iterdump())
    return path.read_text(encoding="utf-8", errors="replace")
