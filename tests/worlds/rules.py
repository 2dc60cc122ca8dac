"""The rules of the mart that the landed rows alone can tell of, each a function: landed rows, mart -> what is wrong.

The dbt tests compare the mart's tables with one another; these take what should be there from the rows.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

from oracle import people
from oracle.compare import differences
from oracle.money import quotient, worth
from oracle.tables import NEAR, ORACLES

from . import Rows
from .compiled import Mart, as_read
from .sums import ad_days, google_day, is_order, kpi_days, orders, revenue_of_days, right, summed, to_last_day, unequal

CENT = Decimal("0.005")
ADS, ORDERS = ("spend", "impressions", "clicks"), ("net", "orders")
RATIOS = {
    "aov": ("net_revenue", "orders"), "mer": ("net_revenue", "spend"), "cac": ("spend", "new_customers"),
    "ctr": ("clicks", "impressions"), "cpc": ("spend", "clicks"), "cpl": ("spend", "leads"),
    "cpa": ("spend", "orders"), "conversion_rate": ("orders", "sessions"), "roas": ("net_revenue", "spend"),
    "roas_platform": ("platform_conversions_value", "spend"),
    "overclaim_ratio": ("platform_conversions", "true_conversions"),
}  # fmt: skip
CREDITS = ("first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay")
# The second reading knows neither fits that fail, as those of three customers do, nor loads, which these rows lack.
NOT_READ_AGAIN = ("ltv_model", "fct_restatements")


def data_tests(rows: Rows, mart: Mart) -> list[str]:
    return mart.broken()


def sources_add_up(rows: Rows, mart: Mart) -> list[str]:
    """Rule 1: what landed is in facts or in quarantine, to the row and the last digit, and reaches the KPIs."""
    facts = mart.told(
        "select source, date_day, currency, spend_local as spend, impressions, clicks from fct_ad_performance"
    )
    found = unequal("ads", summed(ad_days(rows), ADS), summed(facts, ADS))
    kept = mart.told(
        "select source, date_day, currency, net_amount_local as net, 1 as orders from fct_orders union all select"
        " source, date_day, currency, amount_local, 1 from quarantine where stream = 'orders'"
    )
    found += unequal("orders", summed(orders(rows), ORDERS), summed(kept, ORDERS))
    world = as_read(rows)
    spent = [one | {"spend": worth(world, one["spend"], one["currency"], one["date_day"])} for one in ad_days(rows)]
    by_campaign = mart.told("select source, date_day, spend from kpi_campaign_daily")
    found += unequal("kpi spend", summed(kpi_days(spent), ("spend",)), summed(by_campaign, ("spend",)), CENT)
    daily = {(one["date_day"], "net"): one["net_revenue"] for one in mart.table("kpi_daily")}
    return found + unequal("kpi revenue", revenue_of_days(world, rows), daily, CENT)


def grains_add_up(rows: Rows, mart: Mart) -> list[str]:
    """Rule 2: a campaign's day is what Google states for it; its ads, and what no ad has, are not more or less."""
    stated = [google_day(one) for one in rows.get("google_ads__campaign_performance", [])]
    told = mart.told(
        "select source, date_day, concat(account_id, ' ', campaign_id) as currency, spend_local as spend, impressions,"
        " clicks from fct_ad_performance where source = 'google_ads' and campaign_id <> '(unallocated)'"
    )
    by_campaign = [one | {"currency": f"{one['account_id']} {one['campaign_id']}"} for one in to_last_day(stated)]
    return unequal("campaigns", summed(by_campaign, ADS), summed(told, ADS))


def credits_add_up(rows: Rows, mart: Mart) -> list[str]:
    """Rule 3: exactly 1 per conversion and model, and each model's revenue is the orders'."""
    credits: dict[tuple, Decimal] = defaultdict(Decimal)
    for one in mart.table("fct_attribution"):
        for model in CREDITS:
            credits[one["conversion_type"], one["source"], one["conversion_id"], model] += one[f"credit_{model}"]
    found = [f"credits of {key}: {credit}" for key, credit in credits.items() if credit != 1]
    revenue = revenue_of_days(as_read(rows), rows)
    models = mart.told("select distinct model from kpi_attribution where conversion_type like '%order'")
    if revenue and len(models) < 8:
        found.append(f"only {models} have revenue")
    for model in (one["model"] for one in models):
        where = f"where model = '{model}' and conversion_type like '%order'"
        told = mart.told(f"select date_day, sum(revenue) as net_revenue from kpi_attribution {where} group by date_day")
        found += unequal(model, revenue, {(one["date_day"], "net"): one["net_revenue"] for one in told}, CENT)
    return found


def ratios_are_of_sums(rows: Rows, mart: Mart) -> list[str]:
    """Rule 5: recomputed at each grain from the sums beside them, null where the divisor is 0."""
    found = []
    for table in ("kpi_daily", "kpi_channel_daily", "kpi_campaign_daily"):
        for one in mart.table(table):
            for name in RATIOS.keys() & one.keys():
                above, below = RATIOS[name]
                if below not in one:
                    continue  # kpi_campaign_daily shows no true_conversions; its ratios are compared as a whole table
                expected = quotient(one[above], one[below])
                told = one[name]
                off = None if told is None or expected is None else abs(told - expected) > 1e-12 * abs(told)
                if off or (told is None) != (expected is None):
                    found.append(f"{table} {one['date_day']} {name}: {told}, not {expected}")
    return found


def amounts_are_converted(rows: Rows, mart: Mart) -> list[str]:
    """Rule 6: each amount is its local amount times that day's rate, one a day and pair, for value and cost alike."""
    world, found = as_read(rows), []
    amounts = {
        "fct_ad_performance": ("spend",),
        "fct_orders": ("gross_amount", "discount_amount", "refund_amount", "net_amount", "cost_amount"),
        "fct_costs": ("amount",),
        "fct_deals": ("amount",),
    }
    for table, columns in amounts.items():
        for one in mart.table(table):
            for column in columns:
                local = one[f"{column}_local"]
                expected = worth(world, local, one["currency"], one["date_day"])
                if one[column] != expected:
                    found.append(f"{table} {one['date_day']} {column}: {one[column]}, not {expected}")
    return found


def persons_keep_their_orders(rows: Rows, mart: Mart) -> list[str]:
    """Rule 7: orders are of one person exactly where a union-find over the rows says so, and none is lost."""
    world = as_read(rows)
    given = {(one["source"], one["order_id"]): one["person_id"] for one in mart.table("fct_orders")}
    expected = {}
    for source in ("shopify", "files"):
        for one in world[f"{source}/orders"]:
            if is_order(source, one) and one["currency"]:
                expected[source, one["order_id"]] = people.person_of_order(world, source, one)
    found = [f"order {key} is on one side only" for key in sorted(expected.keys() ^ given.keys())]
    pairs = {(expected[key], given[key]) for key in expected.keys() & given.keys()}
    if len(pairs) != len({one for one, _ in pairs}) or len(pairs) != len({other for _, other in pairs}):
        found.append(f"persons are grouped otherwise: {sorted(pairs)}")
    (all_customers,) = mart.told("select coalesce(sum(orders), 0) as orders from dim_customer")
    counted = sum(not one["is_credit_note"] for one in mart.table("fct_orders"))
    if all_customers["orders"] != counted:
        found.append(f"customers have {all_customers['orders']} of {counted} orders")
    return found


def tables_are_read_again(rows: Rows, mart: Mart) -> list[str]:
    """Rule 9: every KPI table is what a slow reading of the same rows says (tests/oracle)."""
    world, found = as_read(right(rows)), []
    for table, (keys, work) in ORACLES.items():
        if table not in NOT_READ_AGAIN:
            found += differences(table, keys, work(world), mart.table(table), NEAR.get(table, {}))
    return found


RULES: dict[str, Callable[[Rows, Mart], list[str]]] = {
    rule.__name__: rule
    for rule in (
        data_tests, sources_add_up, grains_add_up, credits_add_up, ratios_are_of_sums, amounts_are_converted,
        persons_keep_their_orders, tables_are_read_again,
    )
}  # fmt: skip
