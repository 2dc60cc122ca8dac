"""What vendors do wrong, by stream and fault, and what becomes of it: the table that test_source_faults tries.

A cell is "same" (the landed rows are those of an undisturbed read), "next" (those of an undisturbed read once the
next day's read has come, which reads what changed meanwhile again; every row is as the source had it at some moment),
or the error that ends the run, with words that it must have. "gate": the landed gate is red, by the named check.
"""

from dataclasses import dataclass, field

from simulator.faults import OF_PAGES

DAY, NEXT_DAY = "2024-02-10", "2024-02-11"
STREAMS = (
    "google_ads/ad_performance", "google_ads/ads", "meta_ads/ad_insights", "meta_ads/ads", "hubspot/contacts",
    "hubspot/email_events", "shopify/orders",
)  # fmt: skip
GOOGLE, GOOGLE_ADS, META, META_ADS, CONTACTS, EVENTS, ORDERS = STREAMS
MAIN = (GOOGLE, META, CONTACTS, ORDERS)  # a vendor's transport is the same for all of its streams


@dataclass(frozen=True)
class Ended:
    """The run ends: with this class of error, whose text has these words."""

    error: str
    words: str

    def __str__(self) -> str:
        return f"{self.error}: {self.words}"


@dataclass(frozen=True)
class Fault:
    """`control`: what the simulator is told. `cells`: by stream; what is not named is "same"."""

    name: str
    control: dict
    cells: dict[str, str | Ended] = field(default_factory=dict)
    streams: tuple[str, ...] = STREAMS

    def told(self, stream: str) -> dict:
        """What the simulator is told for a stream: which source, which requests, and which field it is about."""
        kind = self.control["kind"]
        of_pages = kind in (*OF_PAGES, "moved")
        return {"source": stream.partition("/")[0], "path": PAGES[stream] if of_pages else "", **self.control} | (
            {"field": RENAMED[stream]} if kind == "renamed" else {}
        )

    def outcome(self, stream: str) -> str | Ended:
        return self.cells.get(stream, "same")


def each(outcome: str | Ended, streams: tuple[str, ...] = STREAMS) -> dict[str, str | Ended]:
    return dict.fromkeys(streams, outcome)


def unavailable(words: str) -> Ended:
    return Ended("SourceUnavailable", words)


def refused(words: str) -> Ended:
    return Ended("SourceRefused", words)


def malformed(words: str) -> Ended:
    return Ended("SourceMalformed", words)


def gate(check: str) -> Ended:
    return Ended("gate", check)


TWICE = Ended("RowsRefused", "stand twice or more on a day")
OUT_OF_ORDER = malformed("ids out of order")
UNREADABLE = malformed("can be read")
RENAMED = {
    GOOGLE: "metrics.clicks", GOOGLE_ADS: "adGroupAd.ad.id", META: "clicks", META_ADS: "adset_id",
    CONTACTS: "id", EVENTS: "created", ORDERS: "currencyCode",
}  # fmt: skip
STATED = {stream: gate(f"rows_of_{stream.partition('/')[0]}_as_stated") for stream in STREAMS}
PAGES = {  # what the path of a request for a page of the stream has in it
    GOOGLE: "googleAds:search", GOOGLE_ADS: "googleAds:search", META: "/insights", META_ADS: "/ads",
    CONTACTS: "/search", EVENTS: "/events", ORDERS: "/graphql",
}  # fmt: skip

FAULTS = (
    Fault("429, Retry-After 2 s", {"kind": "status", "status": 429, "retry_after": 2, "times": 2}, streams=MAIN),
    Fault("429, no Retry-After", {"kind": "status", "status": 429, "times": 2}, streams=MAIN),
    Fault(
        "429, Retry-After an hour", {"kind": "status", "status": 429, "retry_after": 3600},
        each(unavailable("in 3600 s, beyond")), MAIN,
    ),
    Fault("500, three times", {"kind": "status", "status": 500, "times": 3}, streams=MAIN),
    Fault("500 and no end", {"kind": "status", "status": 500}, each(unavailable("status 500")), MAIN),
    Fault("hangs once", {"kind": "delay", "seconds": 2, "times": 1}, streams=MAIN),
    Fault("hangs and no end", {"kind": "delay", "seconds": 2}, each(unavailable("no answer")), MAIN),
    Fault("connection breaks mid-body", {"kind": "reset", "times": 2}, streams=MAIN),
    Fault("connection breaks and no end", {"kind": "reset"}, each(unavailable("no answer")), MAIN),
    Fault("JSON cut short", {"kind": "cut", "times": 2}, streams=MAIN),
    Fault("JSON cut short and no end", {"kind": "cut"}, each(unavailable("cut short")), MAIN),
    Fault(
        "token runs out mid-run", {"kind": "expired", "after": 2, "times": 1},
        {META: refused("code 190"), CONTACTS: refused("status 401")}, MAIN,
    ),
    Fault(
        "token runs out, no new one", {"kind": "expired", "after": 2},
        {**each(refused("status 401")), META: refused("code 190")}, MAIN,
    ),
    Fault("a page repeats", {"kind": "repeated", "after": 2, "times": 1}, {
        **each(malformed("the same rows as a page before")), CONTACTS: OUT_OF_ORDER,
    }),
    Fault("cursors go in a circle", {"kind": "circling", "after": 2, "times": 40}, {
        **each(malformed("in a circle")), CONTACTS: "same",  # it has no cursors: each page is a query of its own
    }),
    Fault(
        "an empty page with a cursor", {"kind": "hollow", "after": 2, "times": 1}, {CONTACTS: malformed("a page early")}
    ),
    Fault("a row slips between pages", {"kind": "skipped", "after": 2, "times": 1}, {
        **STATED, META: gate("sums_to_account_insights"), CONTACTS: malformed("a page early"),
        EVENTS: "next",  # HubSpot states no number of events
    }),
    Fault("a batch lacks a record", {"kind": "skipped", "path": "/batch/read", "after": 2, "times": 1}, {
        CONTACTS: malformed("neither there nor told to be gone"),
    }, (CONTACTS,)),
    Fault("a row stands twice", {"kind": "doubled", "after": 2, "times": 1}, {
        GOOGLE: TWICE, META: TWICE, EVENTS: TWICE, CONTACTS: OUT_OF_ORDER,
        GOOGLE_ADS: STATED[GOOGLE_ADS], META_ADS: STATED[META_ADS],
    }),
    Fault("rows in another order", {"kind": "reversed"}, {CONTACTS: OUT_OF_ORDER}),
    Fault("a field has another name", {"kind": "renamed"}, {
        GOOGLE: malformed("lack metrics.clicks"), GOOGLE_ADS: malformed("lack adGroupAd.ad.id"),
        META: malformed("lack clicks"), META_ADS: malformed("lack adset_id"), CONTACTS: malformed("has no id"),
        EVENTS: malformed("has no EventId"), ORDERS: malformed("currencyCode"),
    }),
    Fault("a new field", {"kind": "added"}),
    Fault("numbers as texts", {"kind": "texts"}, {
        EVENTS: malformed("has no EventId"), ORDERS: malformed("not as the vendor documents it"),
    }),
    Fault("texts as numbers", {"kind": "numbers"}, {
        GOOGLE: UNREADABLE, GOOGLE_ADS: UNREADABLE, META: UNREADABLE, META_ADS: UNREADABLE,
        ORDERS: malformed("not as the vendor documents it"),
    }),
    Fault("restated between pages", {"kind": "moved", "as_of": NEXT_DAY, "after": 2, "times": 1}, {
        GOOGLE: unavailable("EXPIRED_PAGE_TOKEN"), GOOGLE_ADS: unavailable("EXPIRED_PAGE_TOKEN"),
        META: gate("sums_to_account_insights"), META_ADS: "next", CONTACTS: "next", EVENTS: "next", ORDERS: "next",
    }),
)  # fmt: skip
CASES = [(fault, stream) for fault in FAULTS for stream in fault.streams]
