"""The page of a release and the printed table, on a mart written by hand and looked at in a real browser."""

import json
import math
import re
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from marketing_mart.errors import PublishError
from marketing_mart.quality import CheckResult, GateResult
from marketing_mart.quality.docs import without_other_hosts, write_index
from marketing_mart.release import Release, attached
from marketing_mart.report import render, text_table
from marketing_mart.report.display import change, number, verdict
from marketing_mart.report.figures import AOV, CAC, LEADS, MER, NET_REVENUE, SPEND, Figures, Period, growth

DAY = date(2025, 6, 30)
HOSTILE = '<script>document.title="owned"</script></script><img src=x onerror=alert(1)>'
CHANNELS = {"Paid Search": 5, "Paid Social": 4, "Cross-network": 2, "Organic Search": 0, "(unattributed)": 0}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=8000",
)  # fmt: skip

SCHEMA = """
create schema mart;
use mart.mart;
create table kpi_daily (date_day date, spend decimal(38, 10), other_costs decimal(38, 10), net_revenue decimal(38, 10),
    orders bigint, new_customers bigint, leads bigint, won_deals bigint);
create table kpi_channel_daily (date_day date, channel text, spend decimal(38, 10), net_revenue decimal(38, 10),
    orders bigint, new_customers bigint);
create table kpi_campaign_daily (date_day date, channel text, platform text, account_id text, account_name text,
    campaign_id text, campaign_name text, spend decimal(38, 10), net_revenue decimal(38, 10), orders bigint,
    new_customers bigint);
create table fct_orders (date_day date, net_amount decimal(38, 10));
create table mart_freshness (source text, stream text, newest_day date, expected_lag_hours bigint, lag_hours bigint,
    is_late boolean, is_stale boolean, stale_reason text, last_loaded_at timestamp, last_load_rows bigint);
create table kpi_alerts (date_day date, rule text, kind text, value double, expected double, low double, high double,
    severity text, owner text);
"""


def release_of(folder: Path, *, demo: bool = False) -> Release:
    return Release(
        path=folder, release_id="2025-06-30-000012", run_id="2025-06-30-000012", day=DAY,
        kpi_start=date(2025, 4, 2), demo=demo, currency="USD", timezone="UTC", fingerprint="f",
        published_at=datetime(2025, 7, 1, 3, 20, tzinfo=UTC), tables={}, bytes=0,
    )  # fmt: skip


def days_before(count: int) -> list[date]:
    return [DAY - timedelta(days=back) for back in range(count - 1, -1, -1)]


def insert(db: duckdb.DuckDBPyConnection, table: str, rows: list[list]) -> None:
    if rows:
        marks = f"({', '.join('?' * len(rows[0]))})"
        db.execute(f"insert into {table} values {', '.join([marks] * len(rows))}", [v for row in rows for v in row])


def write_mart(folder: Path, *, days: int = 90, orders_days: int = 800, name: str = HOSTILE) -> None:
    """Amounts that swing with the week and grow slowly; the first channels have spend, the last have none."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / "mart.duckdb")) as db:
        db.execute(SCHEMA)
        insert(db, "fct_orders", [[day, Decimal(9000 + 3 * n)] for n, day in enumerate(days_before(orders_days))])
        kpi_rows, channel_rows, campaign_rows = [], [], []
        for index, day in enumerate(days_before(days)):
            swing = 1 + 0.25 * math.sin(2 * math.pi * index / 7) + index / 300
            whole = [Decimal(0), Decimal(0), 0, 0]
            for number_, (channel, weight) in enumerate(CHANNELS.items()):
                spend = Decimal(str(round(310.4567 * weight * swing, 4)))
                revenue = Decimal(str(round((4 - number_ * 0.6) * 900.123 * swing, 4)))
                row = [spend, revenue, int(revenue) // 60, int(revenue) // 190]
                whole = [a + b for a, b in zip(whole, row, strict=True)]
                channel_rows.append([day, channel, *row])
                for part in range(4 if weight else 0):
                    campaign = [f"{number_}{part}", name if not number_ + part else f"{channel} {part}, always on"]
                    quarter = [value / 4 if isinstance(value, Decimal) else value // 4 for value in row]
                    campaign_rows.append([day, channel, "google_ads", "1", "Main account", *campaign, *quarter])
            kpi_rows.append([day, whole[0], Decimal(120), *whole[1:], 12 + index % 5, index % 3])
        insert(db, "kpi_daily", kpi_rows)
        insert(db, "kpi_channel_daily", channel_rows)
        insert(db, "kpi_campaign_daily", campaign_rows)
        insert(db, "kpi_alerts", [
            [DAY, f"budget: {name}", "budget", 12000.0, 10000.0, 0.0, 11000.0, "red", "paid-team"],
            [DAY, "conversion_rate (all) down", "kpi", 0.0123, 0.031, 0.02, 0.04, "yellow", name],
            [DAY, "spend (all) both", "kpi", 500.0, 480.0, 400.0, 560.0, "green", "data-team"],
            [DAY, "cac (all) both", "kpi", None, None, None, None, None, "data-team"],
            [DAY - timedelta(days=1), "cpa (all) both", "kpi", 90.0, 40.0, 30.0, 50.0, "red", "data-team"],
        ])  # fmt: skip
        loaded = datetime(2025, 7, 1, 3, 1)
        streams = (("google_ads", False), ("hubspot", True), ("shopify", False))
        fresh = [
            [n, "orders", DAY - timedelta(days=2 * late), 24, 48 * late, late, False, None, loaded, 1250]
            for n, late in streams
        ]
        insert(db, "mart_freshness", fresh)


def write_checks(folder: Path) -> None:
    (folder / "checks").mkdir()
    for gate in ("landed", "mart"):
        checks = [
            {
                "table": "shopify__orders" if gate == "landed" else "kpi_daily", "name": f"check {index}",
                "severity": "error" if index else "warn", "ok": bool(index), "broken": False,
                "observed": "12 of 480 rows" if not index else "0", "expected": "every order has an id",
                "failed_rows": None if index else 12, "sample_path": "", "owner": "data-team",
                "next_step": "look at the sample", "why": "an order without an id is counted twice",
            }
            for index in range(6)
        ]  # fmt: skip
        (folder / f"checks/{gate}.json").write_text(json.dumps({"gate": gate, "day": str(DAY), "checks": checks}))


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Release:
    folder = tmp_path_factory.mktemp("release")
    write_mart(folder)
    write_checks(folder)
    return release_of(folder, demo=True)


@pytest.fixture(scope="module")
def page(release) -> Path:
    return render(release.path, release)


class Tables(HTMLParser):
    """Captions and rows of a page's tables, as text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._rows, self._caption, self._into = [], "", None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
        if tag in ("caption", "td", "th"):
            self._into = tag

    def handle_endtag(self, tag):
        if tag == self._into:
            self._into = None
        if tag == "table":
            self.tables[self._caption.strip()] = self._rows

    def handle_data(self, data):
        if self._into == "caption":
            self._caption += data
        elif self._into:
            self._rows[-1][-1] += data


def table(page: Path, caption: str) -> dict[str, list[str]]:
    """Rows by their first cell, of the table whose caption begins so."""
    found = Tables(page.read_text()).tables
    rows = next(rows for text, rows in found.items() if text.startswith(caption))
    return {row[0]: row[1:] for row in rows if row}


def browse(page: Path, tmp_path: Path, *arguments: str, timezone: str = "UTC") -> tuple[str, str]:
    """The page's DOM once its scripts have run, and what the browser had to say."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert browser, f"the page is looked at in a browser: install one of {', '.join(BROWSERS)}"
    done = subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={tmp_path}/profile", *arguments, "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=90, check=True, env={"PATH": "/usr/bin:/bin", "TZ": timezone},
    )  # fmt: skip
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def without_scripts(html: str) -> str:
    return re.sub(r"<script.*?</script>", "", html, flags=re.S)


def drawn(dom: str, name: str) -> str:
    """The drawing inside a chart's element."""
    return re.search(rf'id="chart-{name}".*?<svg(.*?)</svg>', dom, re.S)[1]


# -- the page in a browser -----------------------------------------------------------------------------------


def test_a_browser_draws_every_chart_without_a_complaint(page, tmp_path):
    dom, console = browse(page, tmp_path)
    assert console == ""
    assert 'data-drawn="4"' in dom
    for name in ("trend", "channels", "mer", "cac"):
        assert 'aria-label="' in drawn(dom, name)
    assert len(re.findall(r'aria-roledescription="bar"', drawn(dom, "channels"))) == 2 * len(CHANNELS)
    assert f"discrete scale with {len(CHANNELS)} values: {', '.join(CHANNELS)}" in drawn(dom, "channels")
    assert len(re.findall(r'aria-roledescription="line mark"', drawn(dom, "trend"))) >= 4


def test_days_are_drawn_as_themselves_west_of_greenwich(page, tmp_path):
    dom, _ = browse(page, tmp_path, timezone="America/Los_Angeles")
    trend = drawn(dom, "trend")
    assert "Day: Apr 2, 2025" in trend and "Apr 1, 2025" not in trend


def test_the_drawing_follows_the_readers_light_or_dark(page, tmp_path):
    light, _ = browse(page, tmp_path / "light", "--blink-settings=preferredColorScheme=1")
    dark, _ = browse(page, tmp_path / "dark", "--blink-settings=preferredColorScheme=0")
    assert "#0072b2" in drawn(light, "channels") and "#56b4e9" not in drawn(light, "channels")
    assert "#56b4e9" in drawn(dark, "channels") and "#0072b2" not in drawn(dark, "channels")


def test_a_name_from_a_vendor_is_text_and_never_runs(page, tmp_path):
    dom, console = browse(page, tmp_path)
    assert console == "" and "<img" not in without_scripts(dom)
    assert "<title>Demo: Marketing report, Jun 30, 2025</title>" in dom
    assert "&lt;script&gt;document.title" in page.read_text()


def test_a_hostile_channel_cannot_leave_the_data_of_a_chart(tmp_path):
    write_mart(tmp_path)
    with duckdb.connect(str(tmp_path / "mart.duckdb")) as db:
        db.execute("update mart.mart.kpi_channel_daily set channel = ? where channel = 'Paid Social'", [HOSTILE])
    page = render(tmp_path, release_of(tmp_path))
    html = page.read_text()
    assert html.count("</script>") == 3  # the specifications, the library and the few lines that draw
    specs = json.loads(re.search(r'id="specs">(.*?)</script>', html, re.S)[1])
    assert HOSTILE in {point["channel"] for point in _points(specs["channels"])}
    dom, console = browse(page, tmp_path)
    assert console == "" and "<img" not in without_scripts(dom)
    assert 'data-drawn="4"' in dom


def test_what_a_vendor_sends_is_shown_on_the_pages_of_the_gates_and_runs_on_none(tmp_path):
    """Escaped where we write it; where Great Expectations does, the policy lets nothing run all the same."""
    owned = "<svg onload=\"document.title='owned'\"></svg>"
    red = CheckResult(
        table="mart.kpi_daily", name="x", severity="error", ok=False, broken=False, observed=f"1 row, first: {HOSTILE}",
        expected="none", failed_rows=1, sample_path="", owner=owned, next_step=HOSTILE, why=HOSTILE,
    )  # fmt: skip
    write_index(tmp_path, GateResult("mart", DAY, (red,)), f"run {owned}")
    dom, console = browse(tmp_path / "index.html", tmp_path)
    assert "<title>Gate mart 2025-06-30</title>" in dom and "<img" not in dom and "<svg" not in dom
    assert "&lt;script&gt;document.title" in dom and console == ""
    (tmp_path / "table.html").write_text(
        without_other_hosts(f"<html><head><title>table</title></head><body>{owned}</body></html>")
    )
    dom, console = browse(tmp_path / "table.html", tmp_path)
    assert "<title>table</title>" in dom and "<svg" in dom
    assert "violates the following Content Security Policy" in console


def test_the_page_names_no_other_file_and_allows_no_other_source(page):
    html = page.read_text()
    assert "default-src 'none'; base-uri 'none'; form-action 'none'" in html
    assert not re.findall(r"<[^>]*\s(?:src|href)=|url\(|@import", without_scripts(html))
    assert html.count("vegaEmbed=") == 1, "the charts' library is carried once"


def _points(spec: dict) -> list[dict]:
    return spec["data"]["values"]


# -- its figures ---------------------------------------------------------------------------------------------


def test_ratios_of_a_period_are_those_of_its_sums_not_means_of_days(release, page):
    with duckdb.connect(str(release.database), read_only=True) as db:
        spend, revenue, orders = db.execute(
            "select sum(spend), sum(net_revenue), sum(orders) from mart.mart.kpi_daily where date_day > ?",
            [DAY - timedelta(days=7)],
        ).fetchone()
    total = table(page, "The last 7 days")["All 7 days"]
    assert total[0] == f"{spend:,.0f}"
    assert total[6] == f"{revenue / orders:,.2f}"
    assert total[7] == f"{revenue / spend:,.2f}"


def test_growth_is_against_the_week_before_and_the_same_weekdays_a_year_ago(release, page):
    assert 'title="Jun 25, 2024 to Jul 1, 2024: ' in page.read_text()
    assert 'title="Jun 17, 2025 to Jun 23, 2025: ' in page.read_text()
    with attached(release.database) as db:
        figures = Figures(db, DAY)
        week = Period(DAY, 7)
        assert week.back(364).last.weekday() == DAY.weekday()
        assert figures.sums(week.back(364))["net_revenue"] == sum(
            row[0]
            for row in db.execute(
                "select net_amount from fct_orders where date_day between ? and ?",
                [date(2024, 6, 25), date(2024, 7, 1)],
            ).fetchall()
        )
        assert figures.sums(week.back(364))["spend"] is None, "spend before the first KPI day is unknown, not zero"


def test_a_period_that_began_before_the_first_day_is_compared_with_nothing(tmp_path):
    unknown = "\N{EN DASH}"
    write_mart(tmp_path, days=10, orders_days=800)
    page = render(tmp_path, release_of(tmp_path))
    rows = table(page, "Growth against")
    spend, revenue = rows["Spend, USD"], rows["Net revenue, USD"]
    assert spend[4] != unknown and spend[5] == unknown  # the last 7 days are known, the 7 before them are not
    assert revenue[5] != unknown  # orders are: they come with their full history
    assert revenue[7] != unknown and revenue[8:] == [unknown, unknown]  # 10 days are not the 30 of their heading
    assert "Last 10 days" in page.read_text()


def test_channels_without_spend_stay_and_have_no_roas(page):
    rows = table(page, "The last 30 days by channel")
    assert list(rows)[1:-1] == list(CHANNELS)
    assert rows["Organic Search"][0] == "0" and rows["Organic Search"][2] == "\N{EN DASH}"
    assert rows["Paid Search"][2] != "\N{EN DASH}"


def test_the_ten_campaigns_with_the_largest_spend_are_shown(page):
    rows = table(page, "The 10 campaigns")
    assert len(rows) == 11
    spend = [float(row[2].replace(",", "")) for name, row in rows.items() if name != "Campaign"]
    assert spend == sorted(spend, reverse=True)


def test_what_is_late_and_which_checks_failed_is_told_in_words(page):
    fresh = table(page, "Measured at the end of Jun 30, 2025; 1 of 3 streams are late")
    assert fresh["hubspot"][1] == "▲ late" and fresh["shopify"][1] == "✓ in time"
    html = page.read_text()
    assert html.count("5 of 6 checks passed") == 2
    assert "▲ warn" in html and "12 of 480 rows" in html and "look at the sample" in html


def test_a_source_that_is_published_stale_is_named_with_its_newest_day_and_why(tmp_path):
    write_mart(tmp_path, days=3)
    with duckdb.connect(str(tmp_path / "mart.duckdb")) as db:
        db.execute("use mart.mart")
        db.execute(
            "update mart_freshness set is_stale = true, stale_reason = 'google_ads/keywords: <no answer>'"
            " where source = 'google_ads'"
        )
    html = without_scripts(render(tmp_path, release_of(tmp_path)).read_text())
    line = "google_ads is not up to date: its newest day is Jun 30, 2025. google_ads/keywords: &lt;no answer&gt;"
    assert f'<div class="stale" role="note">{line}</div>' in html
    assert html.count('class="stale"') == 1
    assert "▲ stale" in html
    printed = text_table(tmp_path, release_of(tmp_path), color=False)
    assert printed.endswith("stale: google_ads, newest day 2025-06-30: google_ads/keywords: <no answer>")


def test_a_fresh_release_says_nothing_of_stale_sources(page):
    assert 'class="stale"' not in page.read_text()


def test_what_is_out_of_the_ordinary_on_the_day_is_told_red_first(page):
    rows = table(page, "What is out of the ordinary on Jun 30, 2025: 1 red, 1 yellow")
    names = list(rows)[1:]
    assert [rows[name][0] for name in names] == ["▲ red", "△ yellow"]
    assert names == [f"budget: {HOSTILE}", "conversion_rate (all) down"]
    assert rows[names[0]][1:] == ["12,000", "10,000", "0", "11,000", "paid-team"]
    assert rows[names[1]][1:] == ["0.0123", "0.031", "0.02", "0.04", HOSTILE]


def test_a_quiet_day_is_told_too(tmp_path):
    write_mart(tmp_path, days=3)
    with duckdb.connect(str(tmp_path / "mart.duckdb")) as db:
        db.execute("update mart.mart.kpi_alerts set severity = 'green'")
    html = render(tmp_path, release_of(tmp_path)).read_text()
    assert "No watched KPI is out of its range, and every budget will hold." in html


def test_it_says_which_release_of_which_day_currency_and_zone_it_is(page):
    html = page.read_text()
    assert "Amounts in USD, days of UTC" in html
    assert "Release 2025-06-30-000012, published Jul 1, 2025 at 03:20 UTC" in html


@pytest.mark.parametrize("demo", [True, False])
def test_a_demo_release_and_no_other_carries_the_banner(tmp_path, demo):
    write_mart(tmp_path, days=3)
    html = render(tmp_path, release_of(tmp_path, demo=demo)).read_text()
    assert ("simulated business" in html) is demo
    assert ("<title>Demo: " in html) is demo


def test_every_table_has_a_caption_and_every_section_a_heading(page):
    html = without_scripts(page.read_text())
    assert html.count("<h1") == 1
    assert html.count("<table>") == html.count("<caption>") > 8
    assert re.findall(r"<section(?! aria-labelledby)", html) == []
    for label in re.findall(r'aria-labelledby="([^"]+)"', html):
        assert f'id="{label}"' in html
    assert all('role="region" aria-label="' in region for region in re.findall(r'<div class="scroll"[^>]*>', html))


# -- empty and broken ----------------------------------------------------------------------------------------


def test_a_release_without_a_day_says_so(tmp_path):
    write_mart(tmp_path, days=0, orders_days=0)
    page = render(tmp_path, release_of(tmp_path))
    assert "This release holds no day with key figures" in page.read_text()
    dom, console = browse(page, tmp_path)
    assert (console, 'data-drawn="0"' in dom) == ("", True)


def test_days_without_a_channel_or_campaign_or_checks_or_streams_say_so(tmp_path):
    write_mart(tmp_path, days=30)
    with duckdb.connect(str(tmp_path / "mart.duckdb")) as db:
        for name in ("kpi_channel_daily", "kpi_campaign_daily", "mart_freshness"):
            db.execute(f"delete from mart.mart.{name}")
    html = render(tmp_path, release_of(tmp_path)).read_text()
    assert "No channel had spend or orders" in html
    assert "No campaign had spend" in html
    assert "Nothing has been landed" in html
    assert html.count("No results were kept with this release") == 2


def test_a_page_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    write_mart(tmp_path, days=3)
    before = render(tmp_path, release_of(tmp_path)).read_bytes()

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(PublishError, match=r"report\.html can't be written: No space left on device"):
        render(tmp_path, release_of(tmp_path, demo=True))
    assert (tmp_path / "report.html").read_bytes() == before


# -- the printed table ---------------------------------------------------------------------------------------


def test_the_printed_table_has_the_last_days_and_their_total(release):
    text = text_table(release.path, release, days=7, color=False)
    lines = text.splitlines()
    assert [line[2:12] for line in lines if "2025-06-" in line[:14]] == [str(day) for day in days_before(7)]
    with attached(release.database) as db:
        sums = Figures(db, DAY).sums(Period(DAY, 7))
    total = next(line for line in lines if "total" in line)
    assert f"{sums['spend']:,.2f}" in total and f"{sums['net_revenue'] / sums['spend']:,.2f}" in total
    assert "USD" in text and "demo data" in text
    assert "\x1b" not in text


def test_the_printed_table_is_coloured_on_a_terminal_only(release, monkeypatch):
    assert "\x1b" not in text_table(release.path, release)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "\x1b" in text_table(release.path, release)


def test_large_amounts_are_never_cut(tmp_path):
    write_mart(tmp_path, days=2)
    with duckdb.connect(str(tmp_path / "mart.duckdb")) as db:
        db.execute("update mart.mart.kpi_daily set net_revenue = 1234567890.125, spend = 987654321.5")
    text = text_table(tmp_path, release_of(tmp_path), color=False)
    assert "1,234,567,890.12" in text and "…" not in text


def test_before_the_first_release_the_printed_table_says_what_to_do(tmp_path):
    assert text_table(tmp_path) == "Nothing has been published yet: make run"


# -- small parts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (Decimal("1234567.5"), "money", "1,234,568"),
        (Decimal("-42.6"), "money", "\N{MINUS SIGN}43"),
        (Decimal("-0.2"), "money", "0"),
        (Decimal("48.1"), "price", "48.10"),
        (Decimal("0.3125"), "share", "31.2 %"),
        (12, "count", "12"),
        (None, "money", "\N{EN DASH}"),
    ],
)
def test_numbers_are_shown_with_their_units_decimals(value, unit, shown):
    assert number(value, unit) == shown


@pytest.mark.parametrize(
    ("now", "before", "shown"),
    [
        (110, 100, "▲ 10.0 %"),
        (90, 100, "▼ 10.0 %"),
        (100, 100, "= 0.0 %"),
        (5, 0, "\N{EN DASH}"),
        (5, -1, "\N{EN DASH}"),
    ],
)
def test_growth_needs_something_to_grow_from(now, before, shown):
    assert change(growth(Decimal(now), Decimal(before))) == shown


def test_a_rising_cost_is_no_good_news():
    rise = Decimal("0.1")
    assert [verdict(kpi, rise) for kpi in (NET_REVENUE, CAC, SPEND)] == ["good", "bad", "even"]
    assert verdict(CAC, -rise) == "good"


def test_a_ratio_of_nothing_is_unknown():
    sums = {"spend": Decimal(0), "net_revenue": Decimal(10), "orders": Decimal(0), "leads": None}
    assert [kpi.of(sums) for kpi in (MER, AOV, CAC, LEADS)] == [None] * 4
