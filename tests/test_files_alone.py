"""The `files` source alone: an inbox small enough to work its KPIs out by hand, through the real DAG.

Reporting in EUR and in Berlin's days (UTC+2 in June). The mart's day is Monday 2025-06-16, KPIs begin on Thursday
the 12th. USD per EUR: 1.25 on Thursday and Monday, 1.60 on Friday, so on the weekend too: 16 USD of the Saturday are
10 EUR, 10 USD of the Monday are 8 EUR.
"""

import re
import sqlite3
import stat
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from built_once import own_copy
from cryptography.fernet import Fernet
from dag_runs import mart, published
from landed_world import LandedWorld
from leaks import found_in, texts_of

from marketing_mart import demo, publishing, settings
from marketing_mart.connectors.files.columns import COLUMNS
from marketing_mart.connectors.files.streams import STREAMS

START, DAY = "2025-06-12", "2025-06-16"
CONFIG = """
demo: false
reporting: {currency: EUR, timezone: Europe/Berlin}
sources: {files: {}}
channels: [{channel: "Bob's \\"{{ 1 / 0 }}\\"; drop table x --", source: "no'where\\\\.x"}]
brand_terms: ["o'neill {{ 1 / 0 }}; drop"]
alerts: {routes: [{url: "file:alerts.txt", severity: warning}]}
"""

HOME = """it's a "home", %41 & {{ 1 }} ünï"""  # nothing that reads or writes it may take its name apart
# Personal data where none belongs, and what a page, a spreadsheet or a terminal could be made to obey.
PLANTED = (
    "planted.url@",
    "planted.utm@",
    "planted.note@",
    "planted.id@",
    "planted.name@",
    "Plantedname",
    "Hidden Street",
)
HOSTILE = "<script>alert(1)</script>\x1b[31m"

INBOX = {
    "fx_rates": """
date_day,from_currency,to_currency,rate
2025-06-11,EUR,USD,1.25
2025-06-12,EUR,USD,1.25
2025-06-13,EUR,USD,1.60
2025-06-16,EUR,USD,1.25
2025-06-16,EUR,GBP,0.80
""",
    "ad_performance": """
date_day,platform,account_id,account_name,campaign_id,campaign_name,channel,currency,impressions,clicks,spend,conversions,conversions_value
2025-06-12,x_ads,1,Shop EU,c1,Summer,,EUR,1000,50,25.00,2,80.00
2025-06-14,x_ads,1,Shop EU,c1,Summer,,EUR,500,20,10.00,,
2025-06-14,bing_ads,2,Shop US,b1,Brand,Paid Search,USD,200,10,16.00,,
2025-06-16,bing_ads,2,Shop US,b1,Brand,Paid Search,USD,100,5,10.00,1,25.00
""",
    # s2 is of the 14th in Berlin; the last is of the 17th and so not told of yet
    "sessions": """
session_id,visitor_id,started_at,customer_id,email,source,medium,campaign,pageviews,is_engaged,term,landing_url
s1,v1,2025-06-12 09:00:00,77,,twitter,cpc,Summer,3,true,planted.utm@example.net,https://a.example/?e=planted.url@example.net
s2,v2,2025-06-13T23:30:00Z,,ada@example.com,bing,cpc,brand,5,true,,https://a.example/p?e=planted.url%40example.net
s3,planted.id@example.net,2025-06-14 10:00:00,,,,,,1,false,,
s4,v1,2025-06-15 12:00:00,77,,,,,2,,,
s5,v4,2025-06-16T22:30:00Z,,,,,,1,,,
""",
    # o8 lies before the KPI days: history. o5 is a credit note, o6 a guest's, o7 a test, o10 of the 17th
    "orders": """
order_id,ordered_at,currency,net_amount,customer_id,email,phone,gross_amount,discount_amount,refund_amount,cost_amount,status,store_id,"it's;""drop""note",customer_name
o8,2025-06-11 23:30:00,EUR,80.00,88,,,,,,,,berlin,ask planted.note@example.net,Petronella Plantedname
o1,2025-06-12 10:00:00,EUR,100.00,77,,+49 30 901820,,,,40.00,paid,berlin,,
o2,2025-06-14 12:00:00,USD,32.00,,ADA@Example.com,,40.00,8.00,,16.00,paid,,,
o3,2025-06-15 13:00:00,EUR,40.00,77,,,50.00,0,10.00,,paid,berlin,,
o4,2025-06-15 14:00:00,EUR,0.00,,bob@example.com,,30.00,,30.00,,cancelled,,,
o5,2025-06-16 09:00:00,EUR,-15.00,77,,,,,,,,berlin,,
o6,2025-06-16 18:00:00,EUR,60.00,,,,,,,,,berlin,,
o7,2025-06-16 19:00:00,EUR,999.00,99,,,,,,,test,berlin,,
o9,2025-06-16 23:59:59,EUR,24.00,88,,,,,,,,berlin,,
o10,2025-06-16T22:30:00Z,EUR,500.00,88,,,,,,,,berlin,,
""",
    "order_lines": """
order_id,line_id,product_id,quantity,unit_price,product_name,category,unit_cost
o3,1,p1,1,30.00,Mug,Kitchen,6.00
o3,2,p2,2,10.00,Spoon,Kitchen,2.00
""",
    "contacts": """
contact_id,created_at,email,lifecycle_stage,lead_at,mql_at,sql_at,source,medium
k1,2025-06-13 09:00:00,Ada+news@example.com,sql,2025-06-13 09:00:00,2025-06-14 10:00,2025-06-16 10:00,google,organic
k2,2025-06-15 09:00:00,,lead,2025-06-15 09:00:00,,,,
""",
    "deals": """
deal_id,created_at,stage,amount,currency,contact_id,closed_at,is_won
d1,2025-06-14 15:00:00,won,1000.00,USD,k1,2025-06-16 15:00:00,true
d2,2025-06-16 11:00:00,open,500.00,GBP,,,
""",
    "costs": """
date_day,kind,amount,currency,channel
2025-06-12,agency,30.00,EUR,
2025-06-15,tools,16.00,USD,Paid Social
""",
    "email_campaigns": f"""
campaign_id,campaign_name,sent_at,recipients,delivered,opens,clicks
m1,=1+1 {HOSTILE} planted.name@example.net,2025-06-13 08:00:00,100,98,40,7
""",
    "events": "event_id,occurred_at,event_name,email\ne1,2025-06-13 18:00:00,fair,bob@example.com\n",
    "experiments": "experiment,variant,person_id,exposed_at\nbutton,green,77,2025-06-12 09:00:00\n",
    "promotions": "promotion_id,product_id,starts_on,ends_on,discount_rate\nx,p1,2025-06-14,2025-06-15,0.2\n",
    "budgets": "month,channel,amount,currency\n2025-06,Paid Social,500.00,EUR\n",
    "targets": "month,kpi,floor,target,stretch\n2025-06,net_revenue,100,200,300\n",
}


def written(folder: Path, inbox: dict[str, str] = INBOX, config: str = CONFIG) -> dict[str, str]:
    """The inbox and the configuration on disk; returns the environment that names them."""
    (folder / "inbox").mkdir(parents=True)
    for stream, text in inbox.items():
        (folder / "inbox" / f"{stream}.csv").write_text(text.lstrip())
    (folder / "mart.yml").write_text(config)
    return environment_of(folder)


def environment_of(folder: Path) -> dict[str, str]:
    return {"MART_CONFIG": str(folder / "mart.yml"), "MART_INBOX": str(folder / "inbox"), "MART_DATE": DAY}


def alone(factory: pytest.TempPathFactory) -> Path:
    """A copy of a folder with the inbox, its configuration and a home in which they were published."""

    def publish(folder: Path) -> None:
        printed = published(folder / HOME, MART_START=START, **written(folder))
        assert "made the connection mart_identity" in printed
        assert f"published release {DAY}" in printed and "(demo data)" not in printed

    return own_copy(factory, "alone", publish)


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return alone(tmp_path_factory) / HOME


def rows(home: Path, query: str) -> list[tuple]:
    """Decimals without their trailing zeros, doubles to 12 digits."""
    with publishing.open_current(home) as release:
        return [tuple(map(_plain, row)) for row in release.execute(query).fetchall()]


def _plain(value):
    if isinstance(value, date):
        return str(value)
    return round(float(value), 12) if isinstance(value, (Decimal, float)) else value


@pytest.mark.slow
def test_the_kpis_of_each_day(home):
    found = rows(
        home,
        "select date_day, spend, other_costs, impressions, clicks, sessions, leads, mqls, sqls, opportunities,"
        " won_deals, orders, new_customers, net_revenue, aov, mer, cac, marketing_cost_ratio, net_revenue_growth_day"
        " from mart.kpi_daily order by 1",
    )
    assert found == [
        # orders: o1. Growth: 100 after o8's 80. Costs: 25 of ads and 30 of the agency over 100.
        ("2025-06-12", 25, 30, 1000, 50, 1, 0, 0, 0, 0, 0, 1, 1, 100, 100, 4, 25, 0.55, 0.25),
        ("2025-06-13", 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, None, None, None, None, -1),
        # 10 EUR and 16 USD of ads; o2 is 32 USD; its person is new; nothing before to grow from
        ("2025-06-14", 20, 0, 700, 30, 2, 0, 1, 0, 1, 0, 1, 1, 20, 20, 1, 20, 1, None),
        # o3 after its refund, and o4, which is cancelled: an order without revenue, by nobody new. Tools: 16 USD.
        ("2025-06-15", 0, 10, 0, 0, 1, 1, 0, 0, 0, 0, 2, 0, 40, 20, None, None, 0.25, 1),
        # o6 and o9 are orders, o5 only takes its 15 back: 60 + 24 - 15
        ("2025-06-16", 8, 0, 100, 5, 0, 0, 0, 1, 1, 1, 2, 1, 69, 34.5, 8.625, 8, round(8 / 69, 12), 0.725),
    ]


@pytest.mark.slow
def test_the_kpis_of_each_channel_and_day(home):
    found = rows(
        home,
        "select date_day, channel, spend, impressions, clicks, sessions, engaged_sessions, leads, mqls, sqls,"
        " opportunities, won_deals, orders, new_customers, net_revenue, margin, orders_without_cost,"
        " platform_conversions, roas from mart.kpi_channel_daily order by 1, 2",
    )
    assert found == [
        ("2025-06-12", "Paid Social", 25, 1000, 50, 1, 1, 0, 0, 0, 0, 0, 1, 1, 100, 60, 0, 2, 4),
        # k1 came by a form that search led to
        ("2025-06-13", "Organic Search", 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None),
        ("2025-06-14", "Direct", 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None),
        ("2025-06-14", "Organic Search", 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, None, None),
        # s2 came between k1's form and o2. Margin: 32 - 16 USD
        ("2025-06-14", "Paid Search", 10, 200, 10, 1, 1, 0, 0, 0, 0, 0, 1, 1, 20, 10, 0, 0, 2),
        ("2025-06-14", "Paid Social", 10, 500, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        ("2025-06-15", "(unattributed)", 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None),
        # o4: bob was at the fair, whose row names no channel
        ("2025-06-15", "Direct", 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, None, None),
        # o3: customer 77's last visit was Direct, the one before it counts. Lines cost 6 + 2 x 2
        ("2025-06-15", "Paid Social", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 40, 30, 0, 0, None),
        ("2025-06-16", "(unattributed)", 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 1, 84, 84, 2, None, None),
        ("2025-06-16", "Organic Search", 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, None, None),
        ("2025-06-16", "Paid Search", 8, 100, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0),
        ("2025-06-16", "Paid Social", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -15, -15, 0, 0, None),
    ]


@pytest.mark.slow
def test_the_kpis_of_a_campaign(home):
    found = rows(
        home,
        "select date_day, platform, account_id, campaign_name, spend, sessions, orders, net_revenue, overclaim_ratio,"
        " ctr, cpc, cpm, cpa, cac, conversion_rate, roas, roas_platform, roi"
        " from mart.kpi_campaign_daily where campaign_id in ('c1', 'b1') and date_day <= '2025-06-14' order by 1, 4",
    )
    assert found == [
        ("2025-06-12", "x_ads", "1", "Summer", 25, 1, 1, 100, 2, 0.05, 0.5, 25, 25, 25, 1, 4, 3.2, 1.4),
        # `brand` of the visit is `Brand` of the platform
        ("2025-06-14", "bing_ads", "2", "Brand", 10, 1, 1, 20, 0, 0.05, 1, 50, 10, 10, 1, 2, 0, 0),
        ("2025-06-14", "x_ads", "1", "Summer", 10, 0, 0, 0, None, 0.04, 0.5, 20, None, None, None, 0, 0, -1),
    ]


@pytest.mark.slow
def test_the_ad_report_speaks_the_account_s_currency(home):
    found = rows(
        home,
        "select date_day, platform, account_name, campaign_id, clicks, impressions, spend, conversions,"
        " conversions_value, currency from mart.ad_reporting__campaign_report order by 1, 4",
    )
    assert found == [
        ("2025-06-12", "x_ads", "Shop EU", "c1", 50, 1000, 25, 2, 80, "EUR"),
        ("2025-06-14", "bing_ads", "Shop US", "b1", 10, 200, 16, 0, 0, "USD"),
        ("2025-06-14", "x_ads", "Shop EU", "c1", 20, 500, 10, 0, 0, "EUR"),
        ("2025-06-16", "bing_ads", "Shop US", "b1", 5, 100, 10, 1, 25, "USD"),
    ]


@pytest.mark.slow
def test_persons_orders_and_their_lines(home):
    found = rows(
        home,
        "select is_customer, first_order_day, first_channel, last_order_day, orders, net_revenue, contacts, sessions,"
        " emails, shop_accounts from mart.dim_customer order by net_revenue desc, contacts",
    )
    assert found == [
        (True, "2025-06-12", "Paid Social", "2025-06-16", 2, 125, 0, 2, 0, 1),  # 77: o1, o3, less o5
        (True, "2025-06-11", None, "2025-06-16", 2, 104, 0, 0, 0, 1),  # 88: o8, before there are touches, and o9
        (True, "2025-06-16", "(unattributed)", "2025-06-16", 1, 60, 0, 0, 0, 0),  # the guest
        (True, "2025-06-14", "Paid Search", "2025-06-14", 1, 20, 1, 1, 1, 0),  # Ada: o2, k1, s2 by her address
        (False, None, None, "2025-06-15", 1, 0, 0, 0, 1, 0),  # Bob cancelled
        (False, None, None, None, 0, 0, 1, 0, 0, 0),  # k2
    ]
    of_o3 = "select line_id, net_amount, margin from mart.fct_order_lines where order_id = 'o3' order by 1"
    assert rows(home, of_o3) == [("(unallocated)", -10, None), ("1", 30, 24), ("2", 20, 16)]
    assert rows(home, "select deal_id, amount, channel from mart.fct_deals order by 1") == [
        ("d1", 625, "Organic Search"),
        ("d2", 625, "(unattributed)"),
    ]
    assert rows(home, "select product_id, product_name, category from mart.dim_product order by 1") == [
        ("p1", "Mug", "Kitchen"),
        ("p2", "Spoon", "Kitchen"),
    ]


@pytest.mark.slow
def test_every_stream_landed_and_no_address_with_it(home):
    fresh = dict(rows(home, "select stream, last_load_rows from mart.mart_freshness where source = 'files'"))
    lines = {stream: len(text.strip().splitlines()) - 1 for stream, text in INBOX.items()}
    lines["sessions"] -= 1  # s5 is of the day after
    assert fresh == lines
    landed = sorted((home / "landing" / "files").rglob("*.parquet"))
    assert len(landed) >= len(INBOX)
    with duckdb.connect() as engine:
        texts = [repr(engine.execute("from read_parquet(?)", [str(path)]).fetchall()).lower() for path in landed]
    assert any("bing" in text for text in texts)
    texts = [re.sub(r"\b[0-9a-f]{64}\b", "", text) for text in texts]  # a hash may spell a name
    assert not any(word in text for text in texts for word in ("ada", "bob", "@example", "901820"))


@pytest.mark.slow
def test_nothing_personal_is_in_any_file_that_a_run_leaves(home):
    """Landing, release, samples, docs, logs, registry, Airflow's own state: whatever lies in MART_HOME."""
    texts = texts_of(home)
    kinds = {path.suffix for path in texts}
    assert {".parquet", ".duckdb", ".db", ".html", ".json", ".log"} <= kinds
    told = " ".join(texts.values())
    assert "(address " in told and "=1+1" in told and "it's;" in told  # what is around the addresses came through
    assert found_in(texts, *PLANTED, "ada@example", "bob@example", "901820") == []


@pytest.mark.slow
def test_the_key_of_the_hashes_lies_in_airflow_s_connection_alone_and_encrypted(home):
    state = home / "airflow" / "airflow.db"
    with closing(sqlite3.connect(state)) as db:
        ((stored, is_encrypted),) = db.execute(
            "select password, is_encrypted from connection where conn_id = 'mart_identity'"
        ).fetchall()
    config = (home / "airflow" / "airflow.cfg").read_text()
    key = Fernet(re.search(r"^fernet_key = (\S+)", config, re.M)[1]).decrypt(stored).decode()
    assert is_encrypted and len(key) == 64
    assert found_in(texts_of(home), key) == []
    logged = (home / "logs").rglob("*.log")
    assert any("=1+1" in path.read_text() or path.stat().st_size for path in logged)


@pytest.mark.slow
def test_what_a_run_leaves_is_its_owner_s_alone(home):
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "airflow").stat().st_mode) == 0o700
    open_to_others = [
        f"{stat.S_IMODE(path.stat().st_mode):o} {path.relative_to(home)}"
        for path in home.rglob("*")
        if not path.is_symlink() and path.stat().st_mode & 0o077 and path.name != "mart.duckdb"
    ]
    assert open_to_others == []
    # read-only for everyone: whoever is let into the folder may read it
    assert stat.S_IMODE((home / "current" / "mart.duckdb").stat().st_mode) == 0o444


@pytest.mark.slow
def test_a_hostile_name_is_shown_and_never_obeyed(home):
    asked = mart(home, "sql", "--query", "select campaign_name from kpi_email")
    assert "=1+1 <script>alert(1)</script>" in asked.stdout and "\x1b" not in asked.stdout
    pages = [home / "current" / "report.html", *(home / "current" / "checks").rglob("*.html")]
    assert len(pages) > 10
    for page in pages:
        html = page.read_text()
        assert "<script>alert(1)" not in html, page
        assert re.search(r"<head>\s*(?:<meta [^>]*>\s*)*<meta http-equiv=\"Content-Security-Policy\"", html), page


@pytest.mark.slow
def test_a_file_with_the_newest_days_only_leaves_the_days_before_as_they_landed(home, tmp_path):
    """Tuesday's export of the ads holds Monday, corrected, and Tuesday; Thursday and Saturday stay."""
    export = INBOX["ad_performance"].strip().splitlines()
    monday = export[4].replace("10.00", "20.00")
    changed = INBOX | {"ad_performance": "\n".join([export[0], monday, monday.replace("06-16", "06-17")]) + "\n"}
    told = written(tmp_path, changed) | {"MART_DATE": "2025-06-17"}
    printed = published(home, **told)
    assert "files/ad_performance: 2 rows, 2 of 2 days new" in printed
    spent = rows(home, "select date_day, spend_local from mart.fct_ad_performance order by 1, 2")
    assert spent == [
        ("2025-06-12", 25), ("2025-06-14", 10), ("2025-06-14", 16), ("2025-06-16", 20), ("2025-06-17", 20),
    ]  # fmt: skip
    assert mart(home, "rollback").returncode == 0


def test_the_demo_never_writes_over_an_inbox_that_a_person_filled(tmp_path):
    told = written(tmp_path, config="demo: true\nsources: {files: {}}\n") | {"MART_SIMULATOR_URL": "http://127.0.0.1:9"}
    given = settings.load(told | {"MART_HOME": str(tmp_path / "home")})
    found = settings.load({**told, "MART_INBOX": "", "MART_HOME": str(tmp_path)})
    assert given.inbox == found.inbox
    before = {path.name: path.read_bytes() for path in given.inbox.iterdir()}
    assert not demo.refresh_inbox(given)
    assert not demo.refresh_inbox(found)
    assert {path.name: path.read_bytes() for path in given.inbox.iterdir()} == before


def test_the_document_tells_every_stream_and_column():
    text = (Path(__file__).parents[1] / "docs" / "files.md").read_text()
    told = {row[0]: row[1:] for row in re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \|$", text, re.M)}
    assert list(told) == [stream.name for stream in STREAMS]
    for stream in STREAMS:
        columns = COLUMNS[stream.name]
        required = [name for name, column in columns.items() if column.required]
        optional = [name for name in columns if name not in required]
        assert told[stream.name] == (", ".join(required), ", ".join(optional) or "–", ", ".join(stream.key))


def test_orders_alone_make_a_mart_that_claims_to_know_nothing_else(tmp_path):
    world = LandedWorld(tmp_path)
    order = {"order_id": "1", "ordered_at": f"{START}T10:00+00:00", "currency": "USD", "net_amount": 10}
    world.land("files", "orders", [order])
    known = ["orders", "new_customers", "net_revenue", "margin", "orders_without_cost"]
    world.build("--exclude-resource-type", "unit_test", kpi_start=START, mart_date=DAY, measures_known=known)
    days = world.rows("select orders, net_revenue, spend, sessions, leads, cac from mart.kpi_daily order by date_day")
    assert [tuple(day.values()) for day in days] == [
        (1, 10, None, None, None, None),
        *[(0, 0, None, None, None, None)] * 4,
    ]


def test_a_day_that_a_stale_source_has_not_told_of_is_null_and_not_zero(tmp_path):
    world, second = LandedWorld(tmp_path), "2025-06-13"
    order = {"order_id": "1", "ordered_at": f"{START}T10:00+00:00", "currency": "USD", "net_amount": 10}
    visit = {"session_id": "v", "visitor_id": "x", "started_at": f"{second}T10:00+00:00"}
    world.land("files", "orders", [order])
    world.land("files", "sessions", [visit | {"date_day": str(second)}])
    known = ["orders", "new_customers", "net_revenue", "margin", "orders_without_cost", "sessions", "engaged_sessions"]
    until = dict.fromkeys(["orders", "new_customers", "net_revenue", "margin", "orders_without_cost"], str(START))
    world.build(
        "--exclude-resource-type", "unit_test",
        kpi_start=START, mart_date=second, measures_known=known, measures_told_until=until,
    )  # fmt: skip
    days = world.rows("select sessions, orders, net_revenue, aov from mart.kpi_daily order by date_day")
    assert [tuple(day.values()) for day in days] == [(0, 1, 10, 10), (1, None, None, None)]
    sums = "select measure, value from intermediate.int_kpi_measures where channel = '(all)' and measure in"
    told = world.rows(f"{sums} ('orders', 'sessions') and date_day = date '{second}' order by measure")
    assert [tuple(row.values()) for row in told] == [("orders", None), ("sessions", 1)]
