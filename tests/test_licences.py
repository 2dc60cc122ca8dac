"""Every locked package stands in docs/licences.md with a licence that lets us use it, or with why it may be used."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_spec = importlib.util.spec_from_file_location("licences", ROOT / "docs" / "licences.py")
licences = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(licences)


def test_the_page_tells_of_every_locked_package_what_its_metadata_say():
    assert len(licences.table()) > 200
    assert (ROOT / "docs" / "licences.md").read_text(encoding="utf-8") == licences.page(), "make licences"


def test_what_is_not_permissive_is_an_exception_with_a_reason():
    odd = {package for package, _, told, _, _ in licences.table() if not licences.is_permissive(told)}
    assert odd == set(licences.EXCEPTIONS)
    assert all(len(why) > 10 for why in licences.EXCEPTIONS.values())


@pytest.mark.parametrize(
    ("told", "permissive"),
    [
        ("MIT", True), ("Apache-2.0 AND MIT", True), ("MIT OR AFL-2.1", True),
        ("Python Software Foundation License", True),
        ("GPL-3.0-only", False), ("MIT AND GPL-2.0", False), ("MPL-2.0 AND (Apache-2.0 OR MIT)", False),
        ("not told", False), ("LICENSE.txt", False), ("Proprietary", False), ("LGPL-3.0-only", False),
    ],
)  # fmt: skip
def test_permissive_is_what_every_part_of_the_licence_is(told, permissive):
    assert licences.is_permissive(told) is permissive
