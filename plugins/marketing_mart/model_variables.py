"""What the models are told: the configuration and what is known of the landing, as dbt's variables."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from marketing_mart.config import Config, Finality

# What a platform claims as its default: the type and window that overclaim_ratio compares with the truth.
DECLARED_CLAIMS = {
    "google_ads": {"conversion_type": "purchase", "attribution_window": ""},
    "meta_ads": {"conversion_type": "omni_purchase", "attribution_window": "7d_click"},
}
# After how many days a platform's figures stand; config's `finality` overrides it.
# Google counts a conversion on the day of its click, up to 90 days later ("About conversion windows",
# support.google.com/google-ads/answer/3123169). Invalid clicks found before the month's invoice change the day's cost,
# later ones are credited in billing ("Invalid Activity Credit Report", support.google.com/google-ads/answer/16826168).
# Meta freezes a day's insights after 28 days, as those tell who read them for years (the description of
# `insights_lookback_window` in airbytehq/airbyte, source-facebook-marketing); Meta's own pages name no day.
FINALITY = {
    "google_ads": Finality(spend_days=30, conversions_days=90),
    "meta_ads": Finality(spend_days=28, conversions_days=28),
}
CONVERSION_TYPES = ("first_order", "repeat_order", "lead", "won_deal")
# Which streams tell of which measures. Where none of them has ever landed a row the measure is unknown: null, not 0.
MEASURES_OF = {
    ("google_ads/account_performance", "meta_ads/account_insights", "files/ad_performance"): (
        "spend", "impressions", "clicks", "platform_conversions", "platform_conversions_value",
    ),
    ("files/sessions", "shopify/orders"): ("sessions", "engaged_sessions"),
    ("hubspot/contacts", "files/contacts"): ("leads", "mqls", "sqls"),
    ("hubspot/deals", "files/deals"): ("opportunities", "won_deals"),
    ("shopify/orders", "files/orders"): ("orders", "new_customers", "net_revenue", "margin", "orders_without_cost"),
}  # fmt: skip


def variables(
    config: Config,
    *,
    mart_date: date,
    kpi_start: date,
    landed: Iterable[str],
    stale: Mapping[str, str] | None = None,
    told_until: Mapping[str, date] | None = None,
) -> dict[str, object]:
    """`landed`: labels (source/stream) of the streams that ever landed a row. `stale`: source -> why the mart has no
    more of it than what it landed before. `told_until`: label -> the last day of a read of it that counts."""
    seen = set(landed)
    return {
        "mart_date": str(mart_date),
        "kpi_start": str(kpi_start),
        "reporting_currency": config.reporting.currency,
        "reporting_timezone": config.reporting.timezone,
        "max_persons_per_visitor": config.identity.max_persons_per_visitor,
        "max_accounts_per_address": config.identity.max_accounts_per_address,
        "never_link": [{"identifier": link.identifier, "by": list(link.by)} for link in config.identity.never_link],
        "attribution_windows": {kind: config.attribution.window_of(kind) for kind in CONVERSION_TYPES},
        "default_model": config.attribution.default_model,
        "channel_rules": [rule.model_dump(exclude_none=True) for rule in config.channels],
        "brand_terms": list(config.brand_terms),
        "customers": config.customers.model_dump(),
        "warn_over": config.budgets.warn_over,
        "max_unmapped_share": config.audit.max_unmapped_share,
        "max_quarantined_share": config.audit.max_quarantined_share,
        "kpi_rules": [rule.model_dump() | {"owner": rule.owner or config.alerts.owner} for rule in config.alerts.kpis],
        "alerts_owner": config.alerts.owner,
        "experiment_window_days": config.experiments.window_days,
        "measures_known": [measure for feeds, told in MEASURES_OF.items() if seen & set(feeds) for measure in told],
        "measures_told_until": _measures_told_until(seen, stale or {}, told_until or {}, mart_date),
        "sources_on": sorted(config.sources),
        "stale_sources": dict(sorted((stale or {}).items())),
        "declared_claims": declared_claims(config),
        "finality": _finality(config),
    }


def _measures_told_until(
    seen: Collection[str], stale: Collection[str], told_until: Mapping[str, date], mart_date: date
) -> dict[str, str]:
    """measure -> the last day that every stale stream which tells of it has told; none where that is all days."""
    until: dict[str, str] = {}
    for feeds, measures in MEASURES_OF.items():
        late = [feed for feed in feeds if feed in seen and feed.partition("/")[0] in stale]
        days = [told_until[feed] for feed in late if feed in told_until]
        if days and min(days) < mart_date:
            until |= dict.fromkeys(measures, str(min(days)))
    return until


def declared_claims(config: Config) -> dict[str, dict[str, str]]:
    """source -> the conversion_type and attribution_window that its platform is held to."""
    given = {name: source.declared_claim for name, source in config.sources.items() if source.declared_claim}
    return DECLARED_CLAIMS | {name: claim.model_dump() for name, claim in given.items()}


def _finality(config: Config) -> dict[str, dict[str, int | None]]:
    """Days by source and kind of figure; null where nothing says when it stands."""
    sources = sorted({*FINALITY, *config.sources})
    return {
        name: FINALITY.get(name, Finality()).model_dump()
        | (config.sources[name].finality.model_dump(exclude_none=True) if name in config.sources else {})
        for name in sources
    }
