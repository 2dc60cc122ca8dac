"""Which table is recomputed by what, the key of each, and where less than all digits are asked for."""

from . import (
    kpi_attribution,
    kpi_brand,
    kpi_channel_mix,
    kpi_claims,
    kpi_customers,
    kpi_daily,
    kpi_email,
    kpi_experiment,
    kpi_funnel,
    kpi_links,
    kpi_planning,
    kpi_products,
    lifetime,
    restatements,
)
from .adverts import PLACE

ORACLES = {
    "fct_restatements": (("source", "date_day", "metric", "currency", "load"), restatements.fct_restatements),
    "kpi_alerts": (("date_day", "rule"), kpi_planning.kpi_alerts),
    "kpi_attribution": (
        ("date_day", "conversion_type", "model", "channel", *PLACE), kpi_attribution.kpi_attribution,
    ),
    "kpi_brand_search": (("date_day",), kpi_brand.kpi_brand_search),
    "kpi_budget_pacing": (("date_day", "channel", "campaign_id"), kpi_planning.kpi_budget_pacing),
    "kpi_campaign_daily": (("date_day", "channel", *PLACE), kpi_daily.kpi_campaign_daily),
    "kpi_channel_daily": (("date_day", "channel"), kpi_daily.kpi_channel_daily),
    "kpi_channel_mix": (("date_day", "sales_channel"), kpi_channel_mix.kpi_channel_mix),
    "kpi_claims_daily": (
        ("date_day", "source", "platform", "conversion_type", "attribution_window"), kpi_claims.kpi_claims_daily,
    ),
    "kpi_cohort": (("date_day", "channel", "months_since"), kpi_customers.kpi_cohort),
    "kpi_customer_segments": (("date_day", "segment"), kpi_customers.kpi_customer_segments),
    "kpi_daily": (("date_day",), kpi_daily.kpi_daily),
    "kpi_email": (("date_day", "source", "campaign_id", "sent_at"), kpi_email.kpi_email),
    "kpi_experiment": (("experiment", "variant", "metric"), kpi_experiment.kpi_experiment),
    "kpi_funnel": (("date_day", "channel", *PLACE), kpi_funnel.kpi_funnel),
    "kpi_product_daily": (("date_day", "product_id"), kpi_products.kpi_product_daily),
    "kpi_targets": (("month", "kpi", "channel"), kpi_planning.kpi_targets),
    "kpi_utm_audit": (("date_day", "finding", "channel", *PLACE, "utm_campaign"), kpi_links.kpi_utm_audit),
    "kpi_utm_share": (("date_day",), kpi_links.kpi_utm_share),
    "ltv_model": (("model", "parameter"), lifetime.ltv_model),
}  # fmt: skip

# Columns of which less than all digits are asked for, by how far apart two values may be for their size.
LOST = 1e-9  # formed by subtracting what is nearly equal: digits are lost on both sides
NEAR = {
    # two searches for a maximum end beside each other; how high it is they tell far more sharply
    "ltv_model": {"value": 1e-4, "log_likelihood": 1e-8},
    "kpi_alerts": dict.fromkeys(("low", "high", "deviations"), LOST),
    "kpi_experiment": dict.fromkeys(("difference", "difference_low", "difference_high", "p_value", "uplift"), LOST),
    "kpi_product_daily": {"lift": LOST, "linked_lift": LOST},
    # units at an average price, and a price is a ratio of 16 digits
    "kpi_channel_mix": {"compared_amount_elsewhere": 1e-12, "price_gap": LOST},
}
