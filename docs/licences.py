"""Writes docs/licences.md: every locked package with its licence, as its own metadata tells it. `make licences`"""

import re
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {"requirements.lock": "run", "requirements-dev.lock": "tests"}
PERMISSIVE = re.compile(r"\b(?:MIT|MIT-0|Apache|BSD|0BSD|ISC|PSF|CNRI|Python Software|Zlib|CC0|Unlicense|AFL)\b")
# What is not permissive, or does not say so, and why it may be used: nothing of it is changed or passed on by us.
EXCEPTIONS = {
    "capi-param-builder-python": "Meta's terms, for use with its own services; tests alone load it",
    "certifi": "MPL-2.0: a list of certificates, read as it is",
    "facebook-business": "Meta's terms, for use with its own services; tests alone hold the simulator against it",
    "hypothesis": "MPL-2.0; tests alone load it",
    "orjson": "MPL-2.0 for parts of it; loaded as it is",
    "pathspec": "MPL-2.0; loaded as it is",
    "psycopg": "LGPL-3.0; Airflow loads it to reach Postgres, and another build of it can take its place",
    "psycopg-binary": "LGPL-3.0; as psycopg",
    "psycopg2-binary": "LGPL; Airflow loads it to reach Postgres, and another build of it can take its place",
    "pycountry": "LGPL-2.1; loaded as it is, and another build of it can take its place",
    "text-unidecode": "Artistic License, at choice beside the GPL",
    "tqdm": "MPL-2.0 for parts of it; loaded as it is",
}


def locked(text: str) -> dict[str, str]:
    """Package -> version, of a lock file."""
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", text, re.M))


def licence(package: str) -> str:
    """As the installed package tells it: the expression, else its classifiers, else its first line of text."""
    told = metadata(package)
    classified = [name.split(" :: ")[-1] for name in told.get_all("Classifier", []) if name.startswith("License ::")]
    named = [name for name in classified if name != "OSI Approved"]
    first_line = (told.get("License") or "").strip().splitlines()[:1]
    return told.get("License-Expression") or "; ".join(named) or "".join(first_line)[:80] or "not told"


def is_permissive(licence: str) -> bool:
    """Every part that must be kept to is permissive."""
    parts = re.split(r"\bAND\b", licence.replace("(", " ").replace(")", " "))
    return all(PERMISSIVE.search(part) and not re.search(r"GPL|MPL|Artistic", part) for part in parts)


def table() -> list[tuple[str, str, str, str, str]]:
    """Package, version, licence, what needs it, why it is an exception ('' where it is none)."""
    rows: dict[str, tuple[str, str, str, str, str]] = {}
    for name, needed in LOCKS.items():
        for package, version in locked((ROOT / name).read_text()).items():
            told = licence(package)
            why = "" if is_permissive(told) else EXCEPTIONS.get(package, "")
            rows.setdefault(package, (package, version, told, needed, why))
    return [rows[package] for package in sorted(rows)]


def page() -> str:
    lines = [
        "# Licences of what is installed",
        "",
        "Every package of the two lock files, with its licence as the package itself tells it (`make licences` writes",
        "this page). The product's own licence is Apache-2.0. Permissive licences are what we take; each exception",
        "says why it may be used. `run`: needed by `make run`; `tests`: by the tests and the lint alone.",
        "",
        "| package | version | licence | for | exception |",
        "|---|---|---|---|---|",
    ]
    cells = [[cell.replace("|", "/").replace("\n", " ") for cell in row] for row in table()]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in cells)]) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "licences.md").write_text(page(), encoding="utf-8")
