"""What the simulated business consists of. Instants are UTC; amounts are Decimal in the currency beside them.

`world.World(seed, size).as_of(moment)` gives a `View`: what was visible at that moment and nothing later.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Account:
    platform: str  # google_ads, meta_ads, …: the source's name
    account_id: str
    name: str
    currency: str
    timezone: str  # IANA name; the account's days are days of this zone


@dataclass(frozen=True, slots=True)
class Ad:
    ad_id: str
    name: str
    final_url: str  # where a click lands
    more_urls: tuple[str, ...] = ()  # of the other cards of a carousel


@dataclass(frozen=True, slots=True)
class Keyword:
    keyword_id: str
    text: str
    match_type: str  # EXACT, PHRASE, BROAD


@dataclass(frozen=True, slots=True)
class AdGroup:
    ad_group_id: str
    name: str
    ads: tuple[Ad, ...]
    keywords: tuple[Keyword, ...] = ()


@dataclass(frozen=True, slots=True)
class Campaign:
    account: Account
    campaign_id: str
    name: str  # as visible at the view's moment; campaigns get renamed
    kind: str  # search, performance_max, demand_gen, display, video, social
    status: str  # enabled, paused
    channel: str  # the truth: the marketing channel that its spend and its clicks belong to
    utm_campaign: str
    starts_on: date
    ad_groups: tuple[AdGroup, ...]  # empty: the platform tells nothing below the campaign (Performance Max)
    url_suffix: str = ""  # what the platform appends to its ads' links; empty: the links have it in them


@dataclass(frozen=True, slots=True)
class Claim:
    """Conversions that the platform claims for itself, of one type and attribution window."""

    action: str  # purchase, lead
    window: str  # 1d_click, 7d_click, 1d_view; "" where the platform has one account-wide window
    conversions: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class AdDay:
    """One ad (or one campaign without ads) on one day of its account, as visible at the view's moment."""

    date_day: date
    campaign: Campaign
    campaign_name: str  # as it was on that day
    ad_group: AdGroup | None
    ad: Ad | None
    impressions: int
    clicks: int
    cost: Decimal  # account currency, in whole minor units (cents)
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class SearchDay:
    """What one search term brought one ad group (a campaign without ad groups) on one day of its account. Terms that
    too few people used are not told to anybody, though they count for their keyword."""

    date_day: date
    campaign: Campaign
    ad_group: AdGroup | None
    keyword: Keyword | None  # None: matched without one, from the site's pages
    term: str
    match_type: str  # how the term met the keyword: EXACT, NEAR_EXACT, PHRASE, NEAR_PHRASE, BROAD
    is_told: bool
    impressions: int
    clicks: int
    cost: Decimal  # account currency, in whole minor units
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class CountryDay:
    """One campaign in the country where people were, on one day of its account."""

    date_day: date
    campaign: Campaign
    country: str  # ISO 3166
    is_targeted: bool
    impressions: int
    clicks: int
    cost: Decimal  # account currency, in whole minor units
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to the shop's site. Empty strings where nothing was there."""

    visit_id: str
    started_at: datetime
    visitor_id: str
    customer_id: str  # the shop's id, where the visitor was logged in
    email: str  # where the visitor left it (a form, a newsletter link), as typed
    source: str
    medium: str
    campaign: str
    content: str
    term: str
    click_id: str
    landing_url: str
    referrer: str
    pageviews: int
    is_engaged: bool
    channel: str  # the truth


@dataclass(frozen=True, slots=True)
class Contact:
    contact_id: str
    email: str  # as typed: mixed case, plus tags; "" where unknown
    phone: str
    first_name: str
    last_name: str
    created_at: datetime
    updated_at: datetime
    stages: tuple[tuple[str, datetime], ...]  # lifecycle stage and when it was entered, oldest first
    merged_ids: tuple[str, ...]  # contacts that were merged into this one
    analytics_source: str  # HubSpot's original source: PAID_SEARCH, ORGANIC_SEARCH, DIRECT_TRAFFIC, …
    google_click_id: str = ""  # of the ad click that brought the form, as HubSpot's tracking code remembers it
    facebook_click_id: str = ""


@dataclass(frozen=True, slots=True)
class Deal:
    deal_id: str
    contact_ids: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    stages: tuple[tuple[str, datetime], ...]  # appointmentscheduled, …, closedwon or closedlost; oldest first
    amount: Decimal
    currency: str
    closed_at: datetime | None
    is_won: bool


@dataclass(frozen=True, slots=True)
class Email:
    """What the CRM sends: once to many, or to each contact at a point of its own life."""

    email_id: str
    name: str
    kind: str  # BATCH_EMAIL, AUTOMATED_EMAIL
    utm_campaign: str  # of the links in it
    updated_at: datetime  # its latest visible event


@dataclass(frozen=True, slots=True)
class EmailEvent:
    """One step in the life of one message: sent, delivered, opened, …"""

    event_id: str
    kind: str  # SENT, DELIVERED, OPEN, CLICK, BOUNCE, STATUSCHANGE, SPAMREPORT
    occurred_at: datetime
    recipient: str
    email_id: str
    sent_id: str  # the message's SENT event; its own id for that one
    sent_at: datetime
    url: str = ""  # of a click
    is_filtered: bool = False  # a scanner's, not a person's
    obsoleted_by: tuple[str, datetime] | None = None  # the later event that makes this one void


@dataclass(frozen=True, slots=True)
class Event:
    """What a customer took part in offline; told by the customer's id or address, never both."""

    event_id: str
    occurred_at: datetime
    name: str
    customer_id: str
    email: str
    channel: str
    campaign: str


@dataclass(frozen=True, slots=True)
class Product:
    product_id: str
    variant_id: str
    name: str
    category: str
    vendor: str
    sku: str
    price: Decimal  # shop currency
    unit_cost: Decimal | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    customer_id: str
    email: str
    phone: str
    first_name: str
    last_name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class OrderLine:
    line_id: str
    product: Product
    quantity: int
    unit_price: Decimal
    discount: Decimal  # of the whole line, without tax


@dataclass(frozen=True, slots=True)
class RefundLine:
    line_id: str
    quantity: int
    amount: Decimal  # without tax


@dataclass(frozen=True, slots=True)
class Refund:
    refund_id: str
    refunded_at: datetime
    lines: tuple[RefundLine, ...]
    tax: Decimal
    shipping: Decimal


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the web shop (`store_id` empty) or of a store (`store_id` set: only in the inbox)."""

    order_id: str
    store_id: str
    customer: Customer | None  # None: a guest
    email: str  # as typed at this checkout; "" where none was left
    phone: str
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None
    is_test: bool
    currency: str
    lines: tuple[OrderLine, ...]
    discount_codes: tuple[str, ...]
    tax: Decimal
    shipping: Decimal
    refunds: tuple[Refund, ...]
    visits: tuple[Visit, ...]  # the customer journey as the shop saw it, oldest first


@dataclass(frozen=True, slots=True)
class Rate:
    date_day: date
    from_currency: str
    to_currency: str
    rate: Decimal


class View(Protocol):
    """What was visible at `moment`. All sequences are ordered by id or by time and stable."""

    moment: datetime

    def accounts(self, platform: str) -> list[Account]: ...
    def campaigns(self, platform: str) -> list[Campaign]: ...
    def ad_days(self, platform: str, first: date, last: date) -> list[AdDay]:
        """Days of the account's own zone, both included; a day that is not over is there in part."""
        ...

    def search_days(self, platform: str, first: date, last: date) -> list[SearchDay]:
        """Parts of the same days: never more than the ad group (or the campaign without ad groups) has."""
        ...

    def country_days(self, platform: str, first: date, last: date) -> list[CountryDay]: ...
    def contacts(self) -> list[Contact]: ...
    def deals(self) -> list[Deal]: ...
    def emails(self) -> list[Email]: ...
    def email_events(self, first: datetime, last: datetime) -> list[EmailEvent]:
        """Those with first <= occurred_at < last."""
        ...

    def events(self) -> list[Event]: ...
    def products(self) -> list[Product]: ...
    def customers(self) -> list[Customer]: ...
    def orders(self) -> list[Order]:
        """Orders of the web shop."""
        ...

    def store_orders(self) -> list[Order]: ...
    def visits(self) -> list[Visit]: ...
    def rates(self) -> list[Rate]: ...
