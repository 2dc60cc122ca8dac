"""A few letters, contacts and deals of the year 2025 in which every rule of emails and the funnel is seen once.

Reporting zone Berlin (an hour, from 30 March two, ahead of UTC), KPI days from Wednesday 5 March to Saturday 28 June.
"""

from pathlib import Path
from typing import Any

from landed_world import LandedWorld, Row

VARIABLES = {"kpi_start": "2025-03-05", "mart_date": "2025-06-28", "reporting_timezone": "Europe/Berlin"}


def funnel_world(folder: Path) -> LandedWorld:
    world = LandedWorld(folder)
    for (source, stream), rows in _streams().items():
        world.land(source, stream, rows)
    return world


def _streams() -> dict[tuple[str, str], list[Row]]:
    return {
        ("files", "fx_rates"): [{"date_day": "2025-06-03", "from_currency": "EUR", "to_currency": "USD", "rate": 1.2}],
        ("hubspot", "email_events"): _events(),
        ("hubspot", "emails"): [{"campaign_id": "12", "campaign_name": "Digest"}],
        ("files", "email_campaigns"): _campaigns(),
        ("files", "sessions"): [
            {
                "session_id": "s1",
                "visitor_id": "v1",
                "date_day": "2025-03-04",
                "started_at": "2025-03-04T10:00+00:00",
                "email_hash": "all@",
                "source": "google",
                "medium": "cpc",
                "campaign": "brand",
            }
        ],
        ("files", "ad_performance"): [_spend("2025-03-06", 60), _spend("2025-03-09", 40), _spend("2025-03-20", 30)],
        ("hubspot", "contacts"): _contacts(),
        ("hubspot", "deals"): _deals(),
        ("files", "deals"): _file_deals(),
    }


def _spend(day: str, spend: int) -> Row:
    names = {"platform": "google", "account_id": "1", "account_name": "A", "campaign_id": "b", "campaign_name": "Brand"}
    measures = {"currency": "USD", "impressions": 10, "clicks": 5, "spend": spend}
    return {"date_day": day, **names, "channel": "Paid Search", **measures}


def _event(name: str, kind: str, at: str, who: str, message: str | None = None, **more: Any) -> Row:
    return {
        "event_id": name,
        "event_type": kind,
        "date_day": at[:10],
        "occurred_at": f"{at}+00:00",
        "email_hash": who,
        "campaign_id": "12",
        "sent_event_id": name if kind == "SENT" else message,
        **more,
    }


def _events() -> list[Row]:
    return [
        # a week before: to Ben, who is still subscribed
        _event("m0", "SENT", "2025-05-27T07:00", "ben@"),
        _event("m0-1", "DELIVERED", "2025-05-27T07:01", "ben@", "m0"),
        # 3 June begins in Berlin at 22:00 of the 2nd; that Dora's was delivered is not told
        _event("m5", "SENT", "2025-06-02T22:30", "dora@"),
        _event("m5-1", "OPEN", "2025-06-03T05:00", "dora@", "m5"),
        # Anna's is looked into by a scanner, opened twice and clicked in; she gets it again and opens it again
        _event("m1", "SENT", "2025-06-03T07:00", "anna@"),
        _event("m1-1", "DELIVERED", "2025-06-03T07:01", "anna@", "m1"),
        _event("m1-2", "OPEN", "2025-06-03T07:01", "anna@", "m1", is_filtered=True),
        _event("m1-3", "OPEN", "2025-06-03T09:00", "anna@", "m1"),
        _event("m1-4", "OPEN", "2025-06-05T09:00", "anna@", "m1"),
        _event("m1-5", "CLICK", "2025-06-05T09:01", "anna@", "m1"),
        _event("m4", "SENT", "2025-06-03T08:00", "anna@"),
        _event("m4-1", "DELIVERED", "2025-06-03T08:01", "anna@", "m4"),
        _event("m4-2", "OPEN", "2025-06-03T08:02", "anna@", "m4"),
        _event("m4-3", "SPAMREPORT", "2025-06-03T08:03", "anna@", "m4"),
        # Ben's comes at the second try; he clicks with images off, then unsubscribes
        _event("m2", "SENT", "2025-06-03T07:00", "ben@"),
        _event("m2-1", "BOUNCE", "2025-06-03T07:01", "ben@", "m2", is_obsolete=True),
        _event("m2-2", "DELIVERED", "2025-06-03T08:00", "ben@", "m2"),
        _event("m2-3", "CLICK", "2025-06-03T09:00", "ben@", "m2"),
        _event("m2-4", "STATUSCHANGE", "2025-06-04T09:00", "ben@", subscription_status="UNSUBSCRIBED"),
        # Cleo's mailbox is gone
        _event("m3", "SENT", "2025-06-03T07:00", "cleo@"),
        _event("m3-1", "BOUNCE", "2025-06-03T07:01", "cleo@", "m3"),
        # one that was sent before the first day that landed, one after the mart's day (already in Berlin)
        _event("m9-1", "OPEN", "2025-06-03T07:00", "eve@", "m9"),
        _event("m8", "SENT", "2025-06-28T22:00", "eve@"),
    ]


def _campaigns() -> list[Row]:
    told = {"campaign_id": "w", "campaign_name": "Weekly", "recipients": 100, "delivered": 90, "opens": 45, "clicks": 9}
    return [
        told | {"sent_at": "2025-06-04T10:00+00:00", "revenue": 50, "currency": "EUR"},
        told | {"sent_at": "2025-03-04T10:00+00:00", "bounces": 10},  # before the KPI days
        told | {"sent_at": "2025-06-05T10:00+00:00", "delivered": 0, "opens": 0, "clicks": 0, "bounces": 100},
    ]


def _history(*entries: tuple[str, str]) -> list[Row]:
    return [{"stage": stage, "entered_at": f"{at}+00:00"} for stage, at in entries]


def _contact(contact_id: str, *stages: tuple[str, str], **more: Any) -> Row:
    history = _history(*stages)
    return {
        "contact_id": contact_id,
        "created_at": history[0]["entered_at"],
        "email_hash": f"{contact_id}@",
        "lifecycle_history": history,
        **more,
    }


LEAD, MQL, SQL = "lead", "marketingqualifiedlead", "salesqualifiedlead"


def _contacts() -> list[Row]:
    return [
        _contact("all", (LEAD, "2025-03-05T10:00"), (MQL, "2025-03-07T10:00"), (SQL, "2025-03-09T10:00")),
        _contact("two_days", (LEAD, "2025-03-06T10:00"), (MQL, "2025-03-08T10:00")),
        _contact("three_days", (LEAD, "2025-03-06T10:00"), (MQL, "2025-03-09T10:00")),
        _contact("no_mql", (LEAD, "2025-03-06T10:00"), (SQL, "2025-03-08T10:00"), merged_ids=["merged"]),
        _contact("no_lead", (MQL, "2025-03-07T10:00")),
        _contact("merged", (LEAD, "2025-03-06T10:00")),
        _contact("only_a_deal", ("subscriber", "2025-03-05T10:00")),
        _contact("subscriber", ("subscriber", "2025-03-05T10:00")),
        _contact("monday_in_berlin", (LEAD, "2025-03-09T23:30")),
        _contact("before_kpis", (LEAD, "2025-03-04T10:00")),
        _contact("mature", (LEAD, "2025-03-30T10:00"), (MQL, "2025-06-29T10:00")),  # qualified after the mart's day
        _contact("young", (LEAD, "2025-03-31T10:00")),
    ]


def _deal(deal_id: str, contact_id: str, *stages: tuple[str, str], **more: Any) -> Row:
    history = _history(*stages)
    told = {"deal_id": deal_id, "contact_ids": [contact_id], "amount": 10, "currency": "USD"}
    return (
        told | {"created_at": history[0]["entered_at"], "stage": history[-1]["stage"], "stage_history": history} | more
    )


def _won(at: str) -> Row:
    return {"is_closed": True, "is_won": True, "closed_at": f"{at}+00:00"}


def _deals() -> list[Row]:
    return [
        _deal(
            "back_and_forth", "all", ("new", "2025-03-15T10:00"), ("offer", "2025-03-17T10:00"),
            ("new", "2025-03-17T22:00"), ("closedwon", "2025-04-01T10:00"), **_won("2025-04-01T10:00"),
        ),
        _deal(
            "second", "all", ("new", "2025-05-01T10:00"), ("offer", "2025-05-02T10:00"), ("lost", "2025-05-02T10:00"),
        ),
        _deal("of_a_merged_one", "merged", ("new", "2025-03-20T10:00")),
        _deal("first_stage", "only_a_deal", ("new", "2025-03-09T23:30")),
        _deal("won_later", "young", ("new", "2025-05-01T10:00"), ("closedwon", "2025-07-01T10:00"),
              **_won("2025-07-01T10:00")),
        _deal("deleted", "young", ("new", "2025-05-01T10:00"), is_archived=True),
    ]  # fmt: skip


def _file_deals() -> list[Row]:
    told = {"created_at": "2025-05-01T10:00+00:00", "amount": 10, "currency": "USD"}
    return [
        told | {"deal_id": "f_open", "stage": "talks"},
        told | {"deal_id": "f_won", "stage": "won", "closed_at": "2025-05-20T10:00+00:00", "is_won": True},
        told | {"deal_id": "f_expected", "stage": "talks", "closed_at": "2025-08-01T10:00+00:00"},
    ]
