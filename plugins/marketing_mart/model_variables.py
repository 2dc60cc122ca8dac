"""What the models are told: the configuration and what is known of the landing, as dbt's variables."""

from collections.abc import Iterable
from datetime import date

from marketing_mart.config import Config, Finality

# What a platform claims as its default: the type and window that overclaim_ratio compares with the truth.
DECLARED_CLAIMS = {
    "google_ads": {"conversion_type": "purchase", "attribution_window": ""},
    "meta_ads": {"conversion_type": "omni_purchase", "attribution_window": "7d_click"},
}
# After how many days a platform's figures stand; config's `finality` overrides it.
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


def variables(config: Config, *, mart_date: date, kpi_start: date, landed: Iterable[str]) -> dict[str, object]:
    """`landed`: labels (source/stream) of the streams that ever landed a row."""
    seen = set(landed)
    return {
        "mart_date": str(mart_date),
        "kpi_start": str(kpi_start),
        "reporting_currency": config.reporting.currency,
        "reporting_timezone": config.reporting.timezone,
        "max_persons_per_visitor": config.identity.max_persons_per_visitor,
        "attribution_windows": {kind: config.attribution.window_of(kind) for kind in CONVERSION_TYPES},
        "default_model": config.attribution.default_model,
        "channel_rules": [rule.model_dump(exclude_none=True) for rule in config.channels],
        "brand_terms": list(config.brand_terms),
        "warn_over": config.budgets.warn_over,
        "max_unmapped_share": config.audit.max_unmapped_share,
        "max_quarantined_share": config.audit.max_quarantined_share,
        "kpi_rules": [rule.model_dump() | {"owner": rule.owner or config.alerts.owner} for rule in config.alerts.kpis],
        "measures_known": [measure for feeds, told in MEASURES_OF.items() if seen & set(feeds) for measure in told],
        "sources_on": sorted(config.sources),
        "declared_claims": _declared_claims(config),
        "finality": _finality(config),
    }


def _declared_claims(config: Config) -> dict[str, dict[str, str]]:
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
