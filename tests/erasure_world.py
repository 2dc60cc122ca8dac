"""A small business with two published releases, for erasures: Anna is known by many names, Bob is nobody's business.

Anna is a customer of the shop, a contact of the CRM whose address changed and into whom another contact was merged, a
visitor with a click, an order at the till by phone, a lead of a file, a subject of an experiment. Two loads of the
same days: in the second her contact has another address. A rejected load and a check's sample tell of her too.
"""

import csv
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
from landed_world import Row, typed

from marketing_mart import publishing, settings, warehouse
from marketing_mart.connectors import streams
from marketing_mart.demo import HASH_KEY
from marketing_mart.landing import Landing
from marketing_mart.model_variables import variables
from marketing_mart.privacy import Privacy
from marketing_mart.registry import Registry
from marketing_mart.streams import Page, Stream, Window

DAY = date(2025, 6, 3)
KPI_START = date(2025, 6, 1)
NOON = datetime(2025, 6, 4, 12, tzinfo=UTC)
PRIVACY = Privacy(HASH_KEY)
EMAIL, OLD_EMAIL, PHONE = "Anna.Smith@example.com", "anna@old.example", "+1 202 555 0123"
CUSTOMER, CLICK, VISITOR = "6190000000001", "Cj0KCQjw-anna-click", "GA1.2.1111111111.1"
# everything of hers that must be found nowhere; the contacts' numbers are short and stand in columns of their name
TRACES = (
    PRIVACY.email(EMAIL), PRIVACY.email(OLD_EMAIL), PRIVACY.phone(PHONE), CUSTOMER, CLICK, VISITOR,
    "Anna.Smith@", "anna.smith@",
)  # fmt: skip
MODELS = (
    "+kpi_daily", "+fct_attribution", "+dim_customer", "+fct_contacts", "+fct_deals",
    "+fct_sessions", "+fct_touches", "+kpi_experiment",
)  # fmt: skip


def stream(label: str) -> Stream:
    return next(stream for stream in streams() if stream.label == label)


def config_of(home: Path) -> settings.Settings:
    path = home.parent / f"{home.name}.yml"
    path.write_text(
        "demo: true\nsources: {hubspot: {}, shopify: {}, files: {}}\nidentity: {max_persons_per_visitor: 1}\n"
    )
    return settings.load({"MART_HOME": str(home), "MART_CONFIG": str(path)})


def at(day: int, hour: int = 12) -> str:
    return f"2025-06-{day:02d}T{hour:02d}:00+00:00"


def rows_of(label: str, *, later: bool = False) -> list[Row]:
    """What the source has of a stream; `later`: as it is read the second time."""
    email, old, phone = (PRIVACY.email(EMAIL), PRIVACY.email(OLD_EMAIL), PRIVACY.phone(PHONE))
    bob = PRIVACY.email("bob@example.com")
    clicked = f"https://shop.example/?utm_source=google&gclid={CLICK}&utm_medium=cpc"
    shop = {"currency": "USD", "discount_amount": 0, "lines": [], "refunds": []}
    journey = [{"visit_id": "v9", "occurred_at": at(2, 9), "landing_url": clicked}]
    return {
        "shopify/customers": [
            {"customer_id": CUSTOMER, "updated_at": at(1), "email_hash": email, "phone_hash": phone},
            {"customer_id": "6190000000002", "updated_at": at(1), "email_hash": bob},
        ],
        "shopify/orders": [
            {"order_id": "501", "processed_at": at(2), "updated_at": at(2), "customer_id": CUSTOMER, "gross_amount": 80,
             "email_hash": email, "visits": journey, "_extra": '{"note": "for Anna"}', **shop},
            {"order_id": "502", "processed_at": at(2), "updated_at": at(2), "customer_id": "6190000000002",
             "gross_amount": 30, "email_hash": bob, "_extra": '{"note": "for Bob"}', **shop},
        ],
        "hubspot/contacts": [
            {"contact_id": "10001", "created_at": at(1), "updated_at": at(3 if later else 1), "merged_ids": ["10003"],
             "email_hash": email if later else old, "phone_hash": phone, "google_click_id": CLICK,
             "lifecycle_history": [{"stage": "lead", "entered_at": at(1)}]},
            {"contact_id": "10002", "created_at": at(1), "updated_at": at(1), "email_hash": bob,
             "lifecycle_history": [{"stage": "lead", "entered_at": at(2)}]},
        ],
        "hubspot/deals": [
            {"deal_id": "10001", "created_at": at(2), "updated_at": at(3), "closed_at": at(3), "is_won": True,
             "stage": "won", "amount": 900, "currency": "USD", "contact_ids": ["10003", "10002"], "is_archived": False},
        ],
        "files/orders": [
            {"order_id": "10001", "ordered_at": at(3), "currency": "USD", "net_amount": 12, "phone_hash": phone},
            {"order_id": "T2", "ordered_at": at(3), "currency": "USD", "net_amount": 7, "email_hash": bob},
        ],
        "files/contacts": [
            {"contact_id": "L1", "created_at": at(1, 8), "lead_at": at(1, 8), "email_hash": email,
             "source": "newsletter", "medium": "email"},
            {"contact_id": "L2", "created_at": at(1, 9), "phone_hash": phone},
        ],
        "files/sessions": [
            {"session_id": "s1", "visitor_id": VISITOR, "started_at": at(1, 10), "date_day": "2025-06-01",
             "click_id": CLICK, "source": "google", "medium": "cpc", "landing_url": clicked},
            {"session_id": "s2", "visitor_id": VISITOR, "started_at": at(2, 10), "date_day": "2025-06-02"},
            {"session_id": "s3", "visitor_id": "till", "started_at": at(2, 11), "date_day": "2025-06-02",
             "email_hash": email},
            {"session_id": "s4", "visitor_id": "till", "started_at": at(2, 12), "date_day": "2025-06-02",
             "customer_id": "6190000000002"},
        ],
        "files/events": [
            {"event_id": "e1", "occurred_at": at(2, 8), "date_day": "2025-06-02", "event_name": "fair",
             "email_hash": old, "channel": "Direct"},
        ],
        "files/experiments": [
            {"experiment": "x", "variant": "a", "person_id": CUSTOMER, "exposed_at": at(1)},
            {"experiment": "x", "variant": "b", "person_id": "10002", "exposed_at": at(1)},
        ],
    }[label]  # fmt: skip


LABELS = (
    "shopify/customers", "shopify/orders", "hubspot/contacts", "hubspot/deals", "files/orders", "files/contacts",
    "files/sessions", "files/events", "files/experiments",
)  # fmt: skip


def pages(label: str, *, later: bool = False) -> list[Page]:
    of = stream(label)
    rows = [typed(row, of.schema) for row in rows_of(label, later=later)]
    return [Page(pa.Table.from_pylist(rows, schema=of.schema))]


def land(landing: Landing, run_id: str, label: str, found: list[Page]) -> int:
    """Returns how many versions are new."""
    of = stream(label)
    window = Window(KPI_START if of.kind == "report" else None, DAY)
    return landing.land(of, window, found, kpi_start=KPI_START, loaded_at=NOON, run_id=run_id).new_versions


def build(config: settings.Settings, run_id: str) -> publishing.Release:
    """The mart of what counts now, published."""
    landing = Landing(config.home)
    told = variables(config.config, mart_date=DAY, kpi_start=KPI_START, landed=LABELS)
    folder = config.home / "candidates" / run_id
    database = warehouse.create_candidate(folder, landing.views(streams()))
    warehouse.build(database, told, log_folder=config.home / "logs" / run_id, models=MODELS)
    warehouse.seal(database)
    with duckdb.connect(str(database)) as connection:  # what a later version's table may quote
        connection.execute("create table mart.mart.told as select ? as error", [f"customer_id={CUSTOMER}, 10001 rows"])
    return publish(config, run_id, folder)


def publish(config: settings.Settings, run_id: str, folder: Path) -> publishing.Release:
    return publishing.publish(
        config.home, run_id, folder, day=DAY, kpi_start=KPI_START, fingerprint="f", demo=True, currency="USD",
        timezone="UTC", keep=7,
    )  # fmt: skip


def fill(home: Path) -> None:
    """Two runs' loads, a rejected one, two releases of one content, and what the runs left."""
    config = config_of(home)
    registry, landing = Registry(home), Landing(home)
    for later in (False, True):
        run_id = registry.begin_run(DAY, kpi_start=KPI_START, demo=True).run_id
        for label in LABELS:
            land(landing, run_id, label, pages(label, later=later))
        landing.judge(
            landing.offer(run_id), accepted={"shopify", "hubspot", "files"}, rejected=(), run_id=run_id, judged_at=NOON
        )
    release = build(config, run_id)
    registry.record_checks(run_id, "landed", [{"name": "keys", "message": f"first: customer_id={CUSTOMER}"}])
    samples = home / "checks" / run_id / "samples" / "landed"
    samples.mkdir(parents=True)
    with (samples / "orders.keys.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["order_id", "email_hash"], ["501", PRIVACY.email(EMAIL)]])
    (home / "logs" / "run.log").write_text(
        f"warning: 1 row of {PRIVACY.phone(PHONE)}, asked by anna.smith@example.com\n"
    )
    again = registry.begin_run(DAY, kpi_start=KPI_START, demo=True).run_id
    land(landing, again, "files/orders", [*pages("files/orders"), *_rejected()])
    landing.judge(landing.offer(again), accepted=(), rejected={"files"}, run_id=again, judged_at=NOON)
    shutil.copytree(release.path, home / "candidates" / again)
    (home / "candidates" / again / "mart.duckdb").chmod(0o644)
    publish(config, again, home / "candidates" / again)


def _rejected() -> list[Page]:
    row = {
        "order_id": "T3",
        "ordered_at": at(3),
        "currency": "USD",
        "net_amount": 1,
        "email_hash": PRIVACY.email(EMAIL),
    }
    schema = stream("files/orders").schema
    return [Page(pa.Table.from_pylist([typed(row, schema)], schema=schema))]
