"""What schema `mart` holds. Each is an Airflow asset that a release announces, for teams to schedule on."""

MART_TABLES = (
    "ad_reporting__campaign_report",
    "dim_campaign",
    "dim_channel",
    "dim_customer",
    "dim_date",
    "dim_product",
    "fct_ad_conversions",
    "fct_ad_performance",
    "fct_contacts",
    "fct_costs",
    "fct_deals",
    "fct_order_lines",
    "fct_orders",
    "fct_sessions",
    "kpi_campaign_daily",
    "kpi_channel_daily",
    "kpi_daily",
    "mart_freshness",
)
