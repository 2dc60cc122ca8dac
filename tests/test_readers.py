"""Sixteen readers through two hundred releases: no error, and never rows of two releases. How long publishing makes
them wait is measured by `python -m bench --only readers`, since a busy machine makes anyone wait."""

from pathlib import Path

import duckdb
import pytest

from bench import readers
from marketing_mart import publishing

RELEASES, READERS = 200, 16


def test_readers_see_whole_releases_while_two_hundred_are_published(tmp_path, monkeypatch):
    monkeypatch.setattr(publishing, "GRACE_SECONDS", 2)  # so that retention removes releases meanwhile
    told = readers.measure(tmp_path, releases=RELEASES, readers=READERS, elsewhere=False)
    assert told["error_texts"] == [] and told["errors"] == 0
    assert told["mixed"] == 0
    assert (told["releases"], told["readers"]) == (RELEASES, READERS)
    assert told["queries"] > 5 * READERS
    assert told["releases_seen"] > 2 * READERS, "the readers saw no release change"
    kept = list((tmp_path / "home" / "releases").iterdir())
    assert 2 <= len(kept) < RELEASES
    with publishing.open_current(tmp_path / "home") as mart:
        assert mart.execute("select distinct release from kpi_daily").fetchall() == [(RELEASES + 1,)]


@pytest.mark.parametrize("rows", [[(1, readers.ROWS // 2), (2, readers.ROWS // 2)], [(1, readers.ROWS - 1)]])
def test_a_mix_of_releases_or_half_a_table_would_be_seen(tmp_path: Path, rows):
    with duckdb.connect() as mart:
        mart.execute("create schema mart")
        for table in ("kpi_daily", "fct_orders"):
            mart.execute(f"create table mart.{table} (n bigint, release integer)")
            for release, number in rows:
                mart.execute(f"insert into mart.{table} select range, {release} from range({number})")
        assert len(readers._releases(mart, "mart")) == 2


def test_the_wait_that_publishing_causes_is_what_it_adds_to_the_readers_own(tmp_path):
    told = readers.measure(tmp_path, releases=20, readers=2)
    assert told["errors"] == told["mixed"] == 0
    moved = [told[name]["publishing"] - told[name]["elsewhere"] for name in ("p50_ms", "p90_ms", "p99_ms", "p99.9_ms")]
    assert told["max_wait_ms_caused"] == pytest.approx(max(0, *moved), abs=0.2)


def test_a_wait_that_is_caused_would_be_told():
    seen = readers.Seen({"here": [10.0] * 95 + [250.0] * 5, "elsewhere": [10.0] * 99 + [400.0]}, [], 0, 2)
    assert readers._told(200, 1.0, [seen])["max_wait_ms_caused"] == 240.0
