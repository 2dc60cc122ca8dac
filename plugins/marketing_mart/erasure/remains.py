"""What runs left beside landing and releases: logs, results of checks with sample rows, the registry's texts."""

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from marketing_mart.erasure.marks import Marks
from marketing_mart.landing.rewriting import sync

TEXTS = {".log", ".txt", ".json", ".csv", ".html", ".jsonl", ".yml", ".yaml", ".md", ".ini", ".cfg", ".sql", ""}
OWN = "journal.json"  # what is being erased is known here until it is gone


def erase_from_remains(home: Path, marks: Marks, inbox: Path) -> dict[str, int]:
    """Removes candidates of unfinished runs (private, built anew by the next run) and what texts tell of the person.
    Returns how many places were changed, by kind."""
    candidates = [path for path in (home / "candidates").glob("*") if path.is_dir()]
    for folder in candidates:
        shutil.rmtree(folder)
    changed = {"candidates": len(candidates), "texts": 0, "records": 0}
    for path in texts(home, inbox):
        changed["texts"] += _erase_from_text(path, marks)
    for path in records(home):
        changed["records"] += _erase_from_records(path, marks)
    return changed


def texts(home: Path, inbox: Path) -> Iterator[Path]:
    """Every file of a MART_HOME that is read as text. The inbox is its owner's."""
    for folder, names, files in os.walk(home):
        names[:] = [name for name in names if Path(folder, name) != inbox]
        for name in files:
            path = Path(folder, name)
            if path.suffix in TEXTS and not path.is_symlink() and name != OWN and not is_sqlite(path):
                yield path


def records(home: Path) -> list[Path]:
    """The SQLite files that are ours; Airflow's own is Airflow's."""
    return [path for path in (home / "registry" / "registry.db", home / "landing" / "manifest.db") if path.exists()]


def is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _erase_from_text(path: Path, marks: Marks) -> int:
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    new, found = marks.replaced(text)
    if found:
        mode = path.stat().st_mode & 0o777
        written = path.with_name(path.name + ".erasing")
        written.write_text(new, encoding="utf-8", errors="surrogateescape")
        written.chmod(mode)
        sync(written)
        os.replace(written, path)
    return found


def _erase_from_records(path: Path, marks: Marks) -> int:
    """Texts in every table; then the file is written anew, since SQLite leaves deleted texts in its free pages."""
    changed = 0
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as db:
        db.execute("begin immediate")
        for table, column in text_columns(db):
            rows = db.execute(f'select rowid, "{column}" from "{table}" where "{column}" is not null').fetchall()
            new = [(marks.replaced(str(text)), rowid) for rowid, text in rows]
            for (text, found), rowid in new:
                if found:
                    db.execute(f'update "{table}" set "{column}" = ? where rowid = ?', [text, rowid])
                    changed += found
        db.execute("commit")
        db.execute("vacuum")
        db.execute("pragma wal_checkpoint(truncate)")
    return changed


def text_columns(db: sqlite3.Connection) -> list[tuple[str, str]]:
    tables = [name for (name,) in db.execute("select name from sqlite_master where type = 'table'")]
    return [
        (table, column)
        for table in tables
        for _, column, kind, *_ in db.execute(f'pragma table_info("{table}")').fetchall()
        if re.search("text|char|clob|json|blob", kind, re.IGNORECASE)
    ]
