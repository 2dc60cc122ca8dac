"""The SELECT of each landed stream of the generated business: the rows of `first` to `last` as seen at the end of
`seen` (entities: those that changed from `first` on).

Columns that are not named here are null. 200 search campaigns and 20 of Performance Max over two Google accounts, 100
campaigns over two Meta ones; each ad has a row on every day. Half of the visits tell who came: four of ten by
customer id, one of ten by email. Each twentieth person shares the email of the next one; each fourth contact kept the
click of a visit.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

CAMPAIGNS, PMAX_CAMPAIGNS, META_CAMPAIGNS = 200, 20, 100
GOOGLE_SHARE = 0.6  # of the ad rows
RENAMED_ON = "2024-01-01"  # each tenth campaign
Select = Callable[[Any, date, date, date], str]


def macros(world: Any) -> str:
    """`pick(row, salt, n)`: a number below n that belongs to the row; further ones build on it."""
    return f"""
        create macro pick(row_, salt, n) as cast(hash(row_, salt, {world.seed}) % n as bigint);
        create macro person_of(row_, salt) as
            cast(floor({world.persons} * pow(pick(row_, salt, 1099511627776) / 1099511627776.0, 1.3)) as bigint);
        create macro customer_of(person) as 'C' || person;
        create macro email_of(person) as sha256('email of ' || if(person % 20 = 0, person + 1, person));
        create macro phone_of(person) as sha256('phone of ' || person);
        create macro day_start(day) as timezone('UTC', cast(day as timestamp));
        create macro restated(value, day, seen) as value * (97 + least(date_diff('day', day, seen), 3)) // 100;
        create macro campaign_name(kind, campaign, day) as
            kind || ' - Campaign ' || campaign || if(campaign % 10 = 0 and day >= date '{RENAMED_ON}', ' II', '');
        create macro campaign_link(kind, campaign, day) as
            replace(replace(lower(campaign_name(kind, campaign, day)), ' - ', '_'), ' ', '_');
        create macro google_account(campaign) as if(campaign % 2 = 0, '1234567890', '2345678901');
        create macro google_currency(campaign) as if(campaign % 2 = 0, 'USD', 'EUR');
        create macro google_zone(campaign) as if(campaign % 2 = 0, 'America/New_York', 'Europe/Berlin');
        create macro meta_account(campaign) as if(campaign % 2 = 0, '1001', '1002');
        create macro meta_currency(campaign) as if(campaign % 2 = 0, 'GBP', 'USD');
    """


def _days(first: date, last: date) -> str:
    return f"(select cast(unnest(generate_series(date '{first}', date '{last}', interval 1 day)) as date) as date_day)"


def _google_slots(world: Any) -> int:
    return max(1, round(world.ads_per_day * GOOGLE_SHARE))


def _meta_slots(world: Any) -> int:
    return max(1, round(world.ads_per_day * (1 - GOOGLE_SHARE)))


def _google_campaign_count(world: Any) -> int:
    """Search campaigns that have an ad: visits name no others."""
    return min(CAMPAIGNS, _google_slots(world))


def _meta_campaign_count(world: Any) -> int:
    return min(META_CAMPAIGNS, _meta_slots(world))


def _google_rows(world: Any, first: date, last: date, seen: date) -> str:
    """Ads, and a row without one for each Performance Max campaign."""
    return f"""
        select date_day, slot, campaign, kind, impressions, impressions * pick(seed_, 'ctr', 60) // 1000 as clicks,
            restated(impressions * pick(seed_, 'ctr', 60) // 1000 * (300000 + pick(seed_, 'cpc', 900000)),
                date_day, date '{seen}') as cost_micros
        from (
            select date_day, slot, campaign, kind, hash(date_day, slot, kind) as seed_,
                200 + pick(hash(date_day, slot, kind), 'impressions', 3000) as impressions
            from {_days(first, last)}, (
                select range as slot, range % {CAMPAIGNS} as campaign, 'SEARCH' as kind
                from range({_google_slots(world)})
                union all
                select null, {CAMPAIGNS} + range, 'PERFORMANCE_MAX' from range({PMAX_CAMPAIGNS})
            )
        )"""


_GOOGLE_ACCOUNT = """google_account(campaign) as account_id, 'Google ' || google_account(campaign) as account_name,
    google_currency(campaign) as currency, google_zone(campaign) as timezone"""
_GOOGLE_CAMPAIGN = """cast(campaign as varchar) as campaign_id, campaign_name('US Search', campaign, date_day)
    as campaign_name, 'ENABLED' as campaign_status, kind as advertising_channel_type"""
_GOOGLE_SUMS = "sum(impressions) as impressions, sum(clicks) as clicks, sum(cost_micros) as cost_micros"


def _google_ads(*span: Any) -> str:
    return f"""
        select date_day, {_GOOGLE_ACCOUNT}, {_GOOGLE_CAMPAIGN}, impressions, clicks, cost_micros,
            'G' || slot // 5 as ad_group_id, 'Ad group ' || slot // 5 as ad_group_name,
            'A' || slot as ad_id, 'Ad ' || slot as ad_name
        from ({_google_rows(*span)}) where kind = 'SEARCH'"""


def _google_campaigns(*span: Any) -> str:
    return f"""
        select date_day, {_GOOGLE_ACCOUNT}, {_GOOGLE_CAMPAIGN}, {_GOOGLE_SUMS}
        from ({_google_rows(*span)}) group by date_day, campaign, kind"""


def _google_accounts(*span: Any) -> str:
    return f"select date_day, {_GOOGLE_ACCOUNT}, {_GOOGLE_SUMS} from ({_google_rows(*span)}) group by all"


def _google_conversions(*span: Any) -> str:
    return f"""
        select date_day, {_GOOGLE_ACCOUNT}, {_GOOGLE_CAMPAIGN}, action as conversion_action,
            action as conversion_action_name, action as conversion_action_category,
            clicks / 50.0 as conversions, clicks / 50.0 * 80 as conversions_value
        from (select date_day, campaign, kind, sum(clicks) as clicks from ({_google_rows(*span)}) group by all),
            (select unnest(['PURCHASE', 'SUBMIT_LEAD_FORM']) as action)"""


def _meta_rows(world: Any, first: date, last: date, seen: date) -> str:
    return f"""
        select date_day, slot, slot % {META_CAMPAIGNS} as campaign, seed_, impressions,
            impressions * pick(seed_, 'ctr', 30) // 1000 as clicks,
            restated(impressions * (4 + pick(seed_, 'cpm', 9)), date_day, date '{seen}') / 1000.0 as spend
        from (
            select date_day, range as slot, hash(date_day, range, 'meta') as seed_,
                500 + pick(hash(date_day, range, 'meta'), 'impressions', 5000) as impressions
            from {_days(first, last)}, range({_meta_slots(world)})
        )"""


_META_ACCOUNT = """meta_account(campaign) as account_id, 'Meta ' || meta_account(campaign) as account_name,
    meta_currency(campaign) as currency"""


def _meta_ads(*span: Any) -> str:
    """Each fourth ad day has purchases, in three windows."""
    return f"""
        select date_day, {_META_ACCOUNT}, 'S' || campaign as campaign_id,
            campaign_name('Social', campaign, date_day) as campaign_name, 'OUTCOME_SALES' as objective,
            'SG' || slot // 5 as ad_group_id, 'Ad set ' || slot // 5 as ad_group_name,
            'SA' || slot as ad_id, 'Social ad ' || slot as ad_name, impressions, clicks,
            cast(spend as decimal(18, 2)) as spend,
            case when seed_ % 4 = 0 then list_transform(['default', '1d_click', '7d_click'], lambda window_: {{
                action_type: 'omni_purchase', attribution_window: window_,
                conversions: 1 + pick(seed_, 'conversions', 5), value: 60 * (1 + pick(seed_, 'conversions', 5))
            }}) end as actions
        from ({_meta_rows(*span)})"""


def _meta_accounts(*span: Any) -> str:
    return f"""
        select date_day, {_META_ACCOUNT}, sum(impressions) as impressions, sum(clicks) as clicks,
            sum(cast(spend as decimal(18, 2))) as spend
        from ({_meta_rows(*span)}) group by all"""


def _sessions(world: Any, first: date, last: date, seen: date) -> str:
    """A quarter each of paid search, search and nothing at all, the rest social, newsletters and referrals."""
    return f"""
        select date_day, 'S' || date_day || '-' || number as session_id, 'V' || person as visitor_id,
            day_start(date_day) + to_seconds(pick(seed_, 'second', 86400)) as started_at,
            if(who < 4, customer_of(person), null) as customer_id, if(who = 4, email_of(person), null) as email_hash,
            case when way < 25 or way between 50 and 74 then if(way < 25, 'google', '(direct)')
                when way < 50 then 'google' when way < 88 then 'facebook' when way < 95 then 'newsletter'
                else 'blog.example' end as source,
            case when way < 25 then 'cpc' when way < 50 then 'organic' when way < 75 then '(none)'
                when way < 88 then 'paid_social' when way < 95 then 'email' else 'referral' end as medium,
            case when way < 25
                    then campaign_link('US Search', pick(seed_, 'campaign', {_google_campaign_count(world)}), date_day)
                when way between 75 and 87
                    then campaign_link('Social', pick(seed_, 'campaign', {_meta_campaign_count(world)}), date_day)
                end as campaign,
            if(way < 25, 'G' || person, null) as click_id,
            'https://shop.example/products/' || pick(seed_, 'landing', 1000) as landing_url,
            1 + pick(seed_, 'pageviews', 9) as pageviews, pick(seed_, 'engaged', 10) < 6 as is_engaged
        from (
            select date_day, range as number, hash(date_day, range) as seed_,
                person_of(hash(date_day, range), 'visitor') as person,
                pick(hash(date_day, range), 'who', 10) as who, pick(hash(date_day, range), 'way', 100) as way
            from {_days(first, last)}, range({world.sessions_per_day})
        )"""


def _orders(world: Any, first: date, seen: date, where: str) -> str:
    """Orders up to `seen` that changed from `first` on. Each twentieth is refunded in half within 30 days; each tenth
    is a guest's with an email, each fiftieth has neither id nor email."""
    days = (seen - world.first_day).days + 1
    return f"""
        select * from (
            select *, if(refund_due < day_start(date '{seen + timedelta(days=1)}'), refund_due, null) as refunded_at
            from (
                select *, if(number % 20 = 3, ordered_at + to_days(cast(1 + pick(number, 'refund', 30) as integer)),
                    null) as refund_due
                from (
                    select range as number, person_of(range, 'buyer') as person,
                        5 + pick(range, 'price', 9000) / 100.0 as price, 1 + pick(range, 'quantity', 3) as quantity,
                        day_start(date '{world.first_day}' + cast(range // {world.orders_per_day} as integer))
                            + to_seconds(pick(range, 'second', 86400)) as ordered_at
                    from range({days * world.orders_per_day}) where {where}
                )
            )
        ) where coalesce(refunded_at, ordered_at) >= day_start(date '{first}')"""


_BUYER = """if(number % 10 = 0, null, customer_of(person)) as customer_id,
    if(number % 50 = 0, null, email_of(person)) as email_hash,
    if(number % 3 = 0, phone_of(person), null) as phone_hash"""


def _shop_orders(world: Any, first: date, last: date, seen: date) -> str:
    """Four of five orders: two lines each, and a visit before three of ten."""
    line = """product_id: 'P' || pick(number, '{n}', 1000), product_name: 'Product', quantity: quantity,
                unit_price: price, unit_cost: cast(price * 0.4 as decimal(18, 2))"""
    return f"""
        select 'bench' as shop, 'O' || number as order_id, ordered_at as created_at, ordered_at as processed_at,
            coalesce(refunded_at, ordered_at) as updated_at, false as is_test, 'EUR' as currency,
            'EUR' as presentment_currency, 'paid' as financial_status, {_BUYER}, 'web' as sales_channel,
            false as taxes_included, cast(price * quantity * 2 as decimal(18, 2)) as gross_amount,
            if(number % 7 = 0, 2, 0) as discount_amount, 0 as tax_amount, 4.9 as shipping_amount,
            [{{line_id: number || '-1', {line.format(n=1)}, discount_amount: if(number % 7 = 0, 2, 0)}},
             {{line_id: number || '-2', {line.format(n=2)}, discount_amount: 0}}] as lines,
            if(refunded_at is null, [], [{{refund_id: 'R' || number, refunded_at: refunded_at,
                amount: price * quantity, lines: [{{line_id: number || '-2', quantity: quantity,
                amount: price * quantity}}]}}]) as refunds,
            if(pick(number, 'visit', 10) < 3, [{{visit_id: 'J' || number,
                occurred_at: ordered_at - to_hours(1 + pick(number, 'hours', 72)), source: 'google', medium: 'cpc',
                campaign: campaign_link('US Search', pick(number, 'campaign', {_google_campaign_count(world)}),
                cast(ordered_at as date))}}], []) as visits
        from ({_orders(world, first, seen, "range % 5 <> 1")})"""


def _store_orders(world: Any, first: date, last: date, seen: date) -> str:
    return f"""
        select 'T' || number as order_id, ordered_at, 'GBP' as currency, {_BUYER}, 'paid' as status,
            cast(price * quantity as decimal(18, 2)) - if(refunded_at is null, 0, 5) as net_amount,
            if(refunded_at is null, 0, 5) as refund_amount, 'store' as sales_channel,
            'store ' || number % 40 as store_id, cast(price * quantity * 0.4 as decimal(18, 2)) as cost_amount
        from ({_orders(world, first, seen, "range % 5 = 1")})"""


def _customers(world: Any, first: date, last: date, seen: date) -> str:
    return f"""
        select 'bench' as shop, customer_of(range) as customer_id, email_of(range) as email_hash,
            if(range % 2 = 0, phone_of(range), null) as phone_hash,
            day_start(date '{world.first_day}' + cast(pick(range, 'joined', {world.days}) as integer)) as created_at,
            created_at as updated_at
        from range({world.persons}) where created_at >= day_start(date '{first}')"""


def _products(world: Any, first: date, last: date, seen: date) -> str:
    return f"""
        select 'bench' as shop, 'P' || range as product_id, day_start(date '{world.first_day}') as created_at,
            created_at as updated_at, 'Product ' || range as product_name, 'Category ' || range % 20 as category,
            'Vendor' as vendor, 'ACTIVE' as status
        from range(1000)"""


def _contacts(world: Any, first: date, last: date, seen: date) -> str:
    """A tenth of the orders' number; half become marketing qualified, a quarter sales qualified."""
    return f"""
        select contact_id, created_at, email_hash, lifecycle_history[-1].stage as lifecycle_stage, false as is_archived,
            lifecycle_history[-1].entered_at as updated_at, lifecycle_history, merged_ids, google_click_id
        from (
            select 'H' || range as contact_id, email_of(range) as email_hash,
                day_start(date '{world.first_day}' + cast(pick(range, 'contact', {world.days}) as integer))
                    as created_at,
                if(range % 50 = 0, ['M' || range], []) as merged_ids,
                if(range % 4 = 0, 'G' || range, null) as google_click_id,
                list_filter([{{stage: 'lead', entered_at: created_at}}]
                    || if(range % 2 = 0, [{{stage: 'marketingqualifiedlead', entered_at: created_at + to_days(5)}}], [])
                    || if(range % 4 = 0, [{{stage: 'salesqualifiedlead', entered_at: created_at + to_days(12)}}], []),
                    lambda entry: entry.entered_at < day_start(date '{seen + timedelta(days=1)}')) as lifecycle_history
            from range({_contact_count(world)})
        ) where updated_at >= day_start(date '{first}')"""


def _contact_count(world: Any) -> int:
    return max(1, world.orders_per_day * world.days // 10)


def _deals(world: Any, first: date, last: date, seen: date) -> str:
    """A fifth of the contacts' number, closed after 30 days, four of ten won."""
    contacts = _contact_count(world)
    return f"""
        select deal_id, created_at, coalesce(closed_at, created_at) as updated_at, false as is_archived,
            'default' as pipeline, closed_at is not null as is_closed, closed_at is not null and is_good as is_won,
            case when closed_at is null then 'open' when is_good then 'closedwon' else 'closedlost' end as stage,
            500 + pick(deal_id, 'amount', 20000) as amount, currency, closed_at, contact_ids
        from (
            select 'D' || range as deal_id, range % 10 < 4 as is_good, if(range % 3 = 0, 'EUR', 'USD') as currency,
                ['H' || pick(range, 'of', {contacts})] as contact_ids,
                day_start(date '{world.first_day}' + cast(pick(range, 'deal', {world.days}) as integer)) as created_at,
                if(created_at + to_days(30) < day_start(date '{seen + timedelta(days=1)}'),
                    created_at + to_days(30), null) as closed_at
            from range({max(1, contacts // 5)})
        ) where updated_at >= day_start(date '{first}')"""


def _rates(world: Any, first: date, last: date, seen: date) -> str:
    """Published on weekdays, from before the first day on."""
    return f"""
        select date_day, 'EUR' as from_currency, to_currency,
            if(to_currency = 'USD', 1.05, 0.83) + pick(date_day, to_currency, 1000) / 20000.0 as rate
        from {_days(min(first, seen) - timedelta(days=20), seen)}, (select unnest(['USD', 'GBP']) as to_currency)
        where isodow(date_day) < 6"""


def _costs(world: Any, first: date, last: date, seen: date) -> str:
    return f"""
        select date_day, 'agency' as kind, 5000 as amount, 'USD' as currency, '' as channel, '' as campaign
        from {_days(world.first_day, seen)} where day(date_day) = 1"""


SELECTS: dict[str, Select] = {
    "google_ads/account_performance": _google_accounts,
    "google_ads/campaign_performance": _google_campaigns,
    "google_ads/ad_performance": _google_ads,
    "google_ads/conversions": _google_conversions,
    "meta_ads/account_insights": _meta_accounts,
    "meta_ads/ad_insights": _meta_ads,
    "shopify/orders": _shop_orders,
    "shopify/customers": _customers,
    "shopify/products": _products,
    "hubspot/contacts": _contacts,
    "hubspot/deals": _deals,
    "files/sessions": _sessions,
    "files/orders": _store_orders,
    "files/fx_rates": _rates,
    "files/costs": _costs,
}
