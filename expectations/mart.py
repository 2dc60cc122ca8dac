"""What must be true of a candidate mart before it is published.

Keys, relations and sums between the warehouse's own layers are dbt's tests; here stands what dbt doesn't see:
the sources' own totals, the release before, what numbers are plausible, and what must not be published at all.
"""

from collections.abc import Iterator

from expectations.base import Check, Scope, Suites, no_rows, not_empty
from expectations.personal import no_addresses, no_personal_columns, texts_of
from expectations.plausible import known_channels, usual
from expectations.release import comparable, moves, not_falling

MISSING_RATES = "intermediate.int_missing_rates"
QUARANTINE = "mart.quarantine"
QUARANTINE_SHARES = "intermediate.int_quarantine_shares"
KPI_ALERTS = "mart.kpi_alerts"
FRESHNESS = "mart.mart_freshness"
ADS = "mart.fct_ad_performance"
ORDERS = "mart.fct_orders"
DAILY = "mart.kpi_daily"
CHANNELS = "mart.kpi_channel_daily"
UTM_SHARE = "mart.kpi_utm_share"
EMAILS = "mart.kpi_email"
COLUMNS = "information_schema.columns"

MONEY = {
    ADS: ("spend", "spend_local"),
    ORDERS: ("net_amount", "net_amount_local"),
}
QUARANTINED_FEW = 5  # rows of a stream that stop nothing, whatever their share: a sheet of budgets has few rows

# What an ad platform states of itself, day by day: the table landed, and its spend in the account's currency.
STATED = {
    "google_ads": ("account_performance", "cast(sum(cost_micros) as decimal(30, 0)) * cast(0.000001 as decimal(7, 6))"),
    "meta_ads": ("account_insights", "sum(spend)"),
    "files": ("ad_performance", "sum(spend)"),
}


def suites(scope: Scope) -> Suites:
    """The suites of the candidate mart, by table."""
    checks: dict[str, list[Check]] = {
        MISSING_RATES: [_no_missing_rates()],
        QUARANTINE: [_nothing_quarantined(scope)],
        QUARANTINE_SHARES: [_few_quarantined()],
        KPI_ALERTS: [_rules_watch_something()],
        FRESHNESS: [_nothing_stale(scope)],
        ADS: list(_ads_as_stated(scope)),
        ORDERS: [],
        DAILY: [*_dense(scope), *usual(scope, ("spend", "net_revenue", "cac")), *moves(DAILY, scope)],
        CHANNELS: [
            *usual(scope, ("cpc",), by="channel"),
            *usual(scope, ("cac", "roas", "conversion_rate"), by="channel", many_orders=True),
            *known_channels(scope),
        ],
        UTM_SHARE: [_known_campaigns(scope)],
        EMAILS: [_rates_within_one()],
        COLUMNS: [no_personal_columns(scope)],
    }
    for table, columns in MONEY.items():
        checks[table] += [_money(column, scope) for column in columns]
    for table, columns in scope.tables.items():
        if comparable(table, scope):
            checks.setdefault(table, []).extend(not_falling(table, scope))
        is_table = table.startswith("mart.") and table not in scope.views  # a view has its texts from tables
        if is_table and (texts := texts_of(columns)):
            checks.setdefault(table, []).append(no_addresses(table, texts))
    return checks


def _no_missing_rates() -> Check:
    return no_rows(
        "no_missing_rates",
        "select currency, count(distinct date_day) as days, min(date_day) as first_day, max(date_day) as last_day,"
        " sum(rows) as rows_without_rate from batch group by currency",
        expected="a rate at most 7 days old for every amount",
        why="an amount without a rate would be missing from every total",
        next_step="add the currency's rates to fx_rates in the inbox, then make run",
    )


def _nothing_quarantined(scope: Scope) -> Check:
    known = ", ".join(f"({', '.join(map(_text, row))})" for row in sorted(scope.acknowledged))
    unknown = f" and not coalesce((source, stream, reason, row_key) in ({known}), false)" if known else ""
    return no_rows(
        "nothing_quarantined",
        "select source, stream, reason, count(*) as rows_quarantined, min(row_key) as first_row from batch"
        f" where reason <> 'taken_back'{unknown} group by source, stream, reason order by source, stream, reason",
        expected="no row that can't be right",
        why="a row in quarantine is in no fact and no KPI",
        next_step="correct the rows of mart.quarantine where they come from, then make run; what is known to be bad:"
        " make quarantine DROP=<source>/<stream>/<reason> WHY=… (docs/quarantine.md)",
        severity="warning",
    )


def _text(value: str) -> str:
    """As SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def _few_quarantined() -> Check:
    return no_rows(
        "few_quarantined",
        "select source, stream, quarantined_rows, landed_rows, max_quarantined_share from batch"
        f" where quarantined_rows > {QUARANTINED_FEW} and quarantined_rows > max_quarantined_share * landed_rows",
        expected="no larger share of a stream's rows in quarantine than audit.max_quarantined_share"
        f" (up to {QUARANTINED_FEW} rows stop nothing)",
        why="so many rows that can't be right are a fault of the source or of its reading, not of a row",
        next_step="read reason and row_json of these rows in mart.quarantine of the candidate, then make run",
    )


def _rules_watch_something() -> Check:
    return no_rows(
        "rules_watch_something",
        "select rule, kpi, channel from batch where kind = 'kpi' group by all having count(value) = 0",
        expected="a value on some day for every rule of alerts.kpis",
        why="a rule whose channel is misspelt, or whose KPI nothing tells of, never alarms anybody",
        next_step="correct the rule under alerts.kpis in config/mart.yml, or take it out",
        severity="warning",
    )


def _nothing_stale(scope: Scope) -> Check:
    return no_rows(
        "nothing_stale",
        "select source, max(newest_day) as newest_day, max(stale_reason) as stale_reason from batch where is_stale"
        " group by source order by source",
        expected="no source that is published as it was before",
        why="its last days are missing from every total, which look smaller than they are",
        next_step=f"make run MART_DATE={scope.day} once the source can be read again",
        severity="warning",
    )


def _ads_as_stated(scope: Scope) -> Iterator[Check]:
    within = _within(scope)
    for source, (stream, spend) in STATED.items():
        if not scope.has(source, stream):
            continue
        yield no_rows(
            f"{source}_totals_as_stated",
            "select date_day, currency, stated.spend as stated_spend, mart.spend as mart_spend,"
            " stated.impressions as stated_impressions, mart.impressions as mart_impressions,"
            " stated.clicks as stated_clicks, mart.clicks as mart_clicks"
            " from stated full join mart using (date_day, currency)"
            " where coalesce(stated.spend, 0) <> coalesce(mart.spend, 0)"
            " or coalesce(stated.impressions, 0) <> coalesce(mart.impressions, 0)"
            " or coalesce(stated.clicks, 0) <> coalesce(mart.clicks, 0)",
            given="stated as (select date_day, upper(currency) as currency, sum(impressions) as impressions,"
            f" sum(clicks) as clicks, {spend} as spend from landed.{source}__{stream} where {within} group by all),"
            " mart as (select date_day, currency, sum(impressions) as impressions, sum(clicks) as clicks,"
            f" sum(spend_local) as spend from batch where source = '{source}' and {within} group by all)",
            expected=f"spend, impressions and clicks of each day as {source} states them",
            why="ad money that the platform charged is missing from the mart, or stands in it twice",
            next_step=f"make run MART_DATE={scope.day} MART_SOURCES={source}; if it stays, a staging model loses rows",
        )


def _money(column: str, scope: Scope) -> Check:
    """What lacks its rate is told once, by no_missing_rates."""
    rate_is_known = "" if column.endswith("_local") else " and fx_rate is not null"
    return no_rows(
        f"{column}_never_null",
        f"select * from batch where {column} is null{rate_is_known}",
        expected=f"{column} is never null",
        why="a sum over a missing amount looks like a smaller amount",
        next_step=f"find the row in the sample and the model that leaves it empty, then make run MART_DATE={scope.day}",
    )


def _dense(scope: Scope) -> Iterator[Check]:
    again = f"make run MART_DATE={scope.day}"
    yield not_empty(why="an empty mart must not replace a full one", next_step=again)
    yield no_rows(
        "every_day_once",
        "select wanted.date_day, count(kpi.date_day) as kpi_rows"
        f" from (select cast(range as date) as date_day from range(timestamp '{scope.kpi_start}',"
        f" timestamp '{scope.day}' + interval 1 day, interval 1 day)) as wanted"
        f" left join batch as kpi on kpi.date_day = wanted.date_day group by all having count(kpi.date_day) <> 1",
        expected=f"one row for each day from {scope.kpi_start} to {scope.day}",
        why="a day left out looks like a day that never was, and growth is computed against the wrong one",
        next_step=again,
    )


def _known_campaigns(scope: Scope) -> Check:
    """Red with the links that name no campaign. The table is empty where no paid channel has both spend and visits."""
    day = f"date '{scope.day}'"
    return no_rows(
        "paid_visits_of_known_campaigns",
        "select visits.channel, visits.utm_campaign, visits.finding, sum(visits.sessions) as sessions,"
        " unmapped_share_28d, max_unmapped_share from batch join intermediate.int_paid_visit_days as visits"
        f" on visits.date_day between {day} - 27 and {day} and visits.campaign_id = '(none)'"
        f" where batch.date_day = {day} and unmapped_share_28d > max_unmapped_share"
        " group by all order by sessions desc",
        expected="at most `audit.max_unmapped_share` of the paid visits of 28 days without a known campaign",
        why="what no campaign is known for is missing from every campaign's orders, return and ranks",
        next_step="mend the links in the sample, or raise audit.max_unmapped_share in config/mart.yml, then"
        f" make run MART_DATE={scope.day}",
    )


def _rates_within_one() -> Check:
    return no_rows(
        "rates_within_one",
        "select * from batch where greatest(open_rate, click_rate, click_to_open, unsubscribe_rate, bounce_rate) > 1",
        expected="no rate of a send above 1",
        why="opens and clicks count persons, each once; above 1 some were counted each time",
        next_step="see the sends in the sample; in email_campaigns of the inbox give unique opens and clicks",
        severity="warning",
    )


def _within(scope: Scope) -> str:
    return f"date_day between date '{scope.kpi_start}' and date '{scope.day}'"
