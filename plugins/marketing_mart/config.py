"""What config/mart.yml may say, key by key, with its defaults. `settings` reads the file and the environment."""

import re
from collections import Counter
from datetime import datetime
from typing import Annotated, Literal, Self, get_args, get_origin
from zoneinfo import ZoneInfo

import pyarrow.compute as pc
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

ConversionType = Literal["first_order", "repeat_order", "lead", "won_deal"]
LinkKind = Literal["customer", "email", "phone", "click", "visitor"]
PathModel = Literal["first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay"]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{name}' is no IANA time zone (such as Europe/Berlin)") from None
    return name


def _currency(code: str) -> str:
    if len(code) != 3 or not code.isascii() or not code.isupper():
        raise ValueError(f"'{code}' is no ISO 4217 currency code (such as USD)")
    return code


def _pattern(text: str) -> str:
    try:
        re.compile(text)
        pc.match_substring_regex("", text)  # by RE2, as the warehouse has it: it knows no look-around, no reference
    except (re.error, RecursionError, OverflowError, ValueError) as error:
        raise ValueError(f"'{text[:200]}' is no regular expression: {str(error)[:200]}") from None
    return text


def _clock(text: str) -> str:
    try:
        datetime.strptime(text, "%H:%M")
    except ValueError:
        raise ValueError(f"'{text}' is no time of day such as 08:00") from None
    return text


Zone = Annotated[str, AfterValidator(_zone)]
Currency = Annotated[str, AfterValidator(_currency)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Clock = Annotated[str, AfterValidator(_clock)]
Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=1, le=365)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reporting(_Part):
    currency: Currency = "USD"
    timezone: Zone = "UTC"


class Finality(_Part):
    """Days after which a source's figures of a day don't change any more."""

    spend_days: int | None = Field(default=None, ge=0, le=400)
    conversions_days: int | None = Field(default=None, ge=0, le=400)


class DeclaredClaim(_Part):
    """The one type and window of conversions by which a platform is held to its word."""

    conversion_type: str
    attribution_window: str = ""


class Source(_Part):
    accounts: tuple[str, ...] = ()
    lookback_days: int | None = Field(default=None, ge=0, le=400)
    columns: dict[str, dict[str, str]] = Field(default_factory=dict)  # files: stream -> our column -> their header
    finality: Finality = Finality()
    declared_claim: DeclaredClaim | None = None


class ChannelRule(_Part):
    """First match wins; every pattern must match in full; one that is left out matches anything."""

    channel: str
    source: Pattern | None = None
    medium: Pattern | None = None
    campaign: Pattern | None = None


class NeverLink(_Part):
    """Links that are taken out: those of `identifier`, a record's or a visitor's own number, with others of a kind."""

    identifier: Annotated[str, Field(pattern=r"^(customer|visitor|(order|contact):[a-z_0-9]+):[^@]+$")]
    by: tuple[LinkKind, ...] = get_args(LinkKind)


class Identity(_Part):
    """A visitor id seen with more persons than this (a shop's tablet, a household) makes none of them one; an email or
    phone that stands beside more accounts than this (the shop's own number) is nobody's."""

    max_persons_per_visitor: int = Field(default=2, ge=1)
    max_accounts_per_address: int = Field(default=5, ge=1)
    never_link: tuple[NeverLink, ...] = ()


class Attribution(_Part):
    """`windows` overrides `window_days` for a type of conversion."""

    window_days: Days = 30
    windows: dict[ConversionType, Days] = Field(default_factory=dict)
    default_model: PathModel = "last_non_direct"

    def window_of(self, conversion_type: str) -> int:
        return self.windows.get(conversion_type, self.window_days)


class Customers(_Part):
    """What tells customers' segments apart, in days since the last purchase, and how far predictions reach."""

    new_days: Days = 30
    at_risk_after_days: Days = 90
    lost_after_days: int = Field(default=180, ge=1, le=3650)
    high_value_share: float = Field(default=0.20, gt=0, le=1)
    horizon_weeks: int = Field(default=52, ge=1, le=520)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.new_days <= self.at_risk_after_days < self.lost_after_days:
            raise ValueError("new_days, at_risk_after_days and lost_after_days must rise in this order")
        return self


class Budgets(_Part):
    warn_over: float = Field(default=0.10, ge=0)


class Experiments(_Part):
    """What a person does counts for the variant this long after the first exposure."""

    window_days: Days = 30


class Audit(_Part):
    """Gate thresholds: the share of tracked paid sessions no campaign is known for, the share of rows quarantined."""

    max_unmapped_share: Share = 0.03
    max_quarantined_share: Share = 0.01


class KpiRule(_Part):
    """A KPI is told of when it leaves its expected range: median of the same weekdays before, plus or minus so many
    robust deviations."""

    kpi: Literal["spend", "net_revenue", "orders", "sessions", "leads", "cac", "cpa", "cpl", "cpc", "conversion_rate"]
    channel: str | None = None  # None: over all channels
    direction: Literal["up", "down", "both"] = "both"
    yellow: float = Field(default=3.5, gt=0)  # robust deviations
    red: float = Field(default=6.0, gt=0)
    owner: str | None = None  # None: alerts.owner


class Freshness(_Part):
    """`when_late`: what becomes of a run whose source is late, can't be read or fails its gate: it publishes nothing
    (block), or goes on with what that source landed before and says so (publish_stale)."""

    expected_lag_hours: int = Field(default=24, ge=1)
    when_late: Literal["block", "publish_stale"] = "block"


class Route(_Part):
    """Where alerts go: those of an owner, or without one, those whose owner has no route."""

    url: str
    severity: Literal["warning", "error"] = "error"
    owner: str | None = None


class Alerts(_Part):
    """`owners`: source -> who is told of it, where that is not `owner`. `sample_rows`: how many rows that broke a check
    a message shows, 0 where no row may leave."""

    routes: tuple[Route, ...] = ()
    owner: str = "data-team"
    owners: dict[str, str] = Field(default_factory=dict)
    release_by: Clock = "08:00"
    remind_after_hours: int = Field(default=24, ge=1)
    sample_rows: int = Field(default=3, ge=0, le=20)
    kpis: tuple[KpiRule, ...] = (
        KpiRule(kpi="spend"), KpiRule(kpi="cac"), KpiRule(kpi="cpa"), KpiRule(kpi="conversion_rate"),
    )  # fmt: skip

    def owner_of(self, source: str) -> str:
        return self.owners.get(source, self.owner)

    @field_validator("kpis")
    @classmethod
    def _watch_once(cls, rules: tuple[KpiRule, ...]) -> tuple[KpiRule, ...]:
        """A rule is known by what it watches (kpi_alerts.rule)."""
        watched = Counter((rule.kpi, rule.channel, rule.direction) for rule in rules)
        for (kpi, channel, direction), times in watched.items():
            if times > 1:
                raise ValueError(f"{times} rules for {kpi} of {channel or 'all channels'}, direction {direction}")
        return rules


class Retention(_Part):
    """How many are kept: releases for rollback, runs in the history, runs with their checks and dbt's nodes. And for
    how many days: landed versions that a newer one took the place of, logs and files of checks."""

    releases: int = Field(default=7, ge=1)
    runs: int = Field(default=2000, ge=10)
    run_details: int = Field(default=100, ge=1)
    landing_days: int = Field(default=400, ge=1)
    logs_days: int = Field(default=90, ge=1)


class Lineage(_Part):
    """Where OpenLineage events go; nowhere without a URL. Its key is OPENLINEAGE_API_KEY, and stands in no file."""

    url: str = Field(default="", pattern=r"^(https?://[^/@\s]+(/\S*)?)?$")
    namespace: str = Field(default="marketing-mart", min_length=1)


class Config(_Part):
    """config/mart.yml, validated."""

    demo: bool = False
    reporting: Reporting = Reporting()
    sources: dict[str, Source] = Field(default_factory=dict)
    channels: tuple[ChannelRule, ...] = ()
    identity: Identity = Identity()
    attribution: Attribution = Attribution()
    customers: Customers = Customers()
    budgets: Budgets = Budgets()
    audit: Audit = Audit()
    experiments: Experiments = Experiments()
    freshness: dict[str, Freshness] = Field(default_factory=dict)
    alerts: Alerts = Alerts()
    brand_terms: tuple[str, ...] = ()
    retention: Retention = Retention()
    lineage: Lineage = Lineage()

    def publishes_stale(self, source: str) -> bool:
        """Whether a release may go out with what the source landed before."""
        return source in self.freshness and self.freshness[source].when_late == "publish_stale"


def keys_at(where: tuple) -> list[str]:
    """The keys that the part of the configuration at `where` may have."""
    kind: object = Config
    for step in where:
        if isinstance(kind, type) and issubclass(kind, _Part):
            kind = kind.model_fields[str(step)].annotation
        else:  # an item of a dict or a tuple
            kind = next((kind for kind in get_args(kind) if kind not in (str, Ellipsis)), Config)
        if get_origin(kind) not in (dict, tuple, None):  # X | None
            kind = next(kind for kind in get_args(kind) if kind is not type(None))
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, _Part) else []
