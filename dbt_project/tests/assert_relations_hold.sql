-- Catches facts that point to nothing: a channel, person, product, day or campaign that its dimension lacks, and an ad
-- day that is in no period of dim_campaign; while assert_campaign_history_is_whole holds it is in no two.
-- The persons of visits are looked for in assert_persons_keep_their_orders. Ads and visits have the channels of the
-- dimensions that their views (fct_ad_performance, fct_sessions) are made of.
with channels as (
    select 'fct_ad_performance' as fact, channel from {{ ref('dim_ad_state') }}
    union
    select 'fct_ad_conversions' as fact, channel from {{ ref('fct_ad_conversions') }}
    union
    select 'fct_sessions' as fact, channel from {{ ref('dim_visit_origin') }}
    union
    select 'fct_orders' as fact, channel from {{ ref('fct_orders') }} where date_day >= {{ kpi_start() }}
    union
    select 'fct_contacts' as fact, channel from {{ ref('fct_contacts') }}
    union
    select 'fct_deals' as fact, channel from {{ ref('fct_deals') }}
),

persons as (
    select 'fct_orders' as fact, person_id from {{ ref('fct_orders') }}
    union
    select 'fct_contacts' as fact, person_id from {{ ref('fct_contacts') }}
),

days as (
    select 'fct_ad_performance' as fact, date_day from {{ ref('fct_ad_days') }}
    union
    select 'fct_sessions' as fact, date_day from {{ ref('fct_visits') }}
    union
    select 'fct_orders' as fact, date_day from {{ ref('fct_orders') }}
    union
    select 'fct_contacts' as fact, date_day from {{ ref('fct_contacts') }}
    union
    select 'fct_deals' as fact, date_day from {{ ref('fct_deals') }}
    union
    select 'fct_costs' as fact, date_day from {{ ref('fct_costs') }}
    union
    select 'fct_deal_stages' as fact, date_day from {{ ref('fct_deal_stages') }}
    union
    select 'fct_email_sends' as fact, date_day from {{ ref('fct_email_sends') }}
),

-- An open end becomes a day here, not in the join: a condition over columns of both sides would make it a nested loop.
campaign_periods as (
    select
        source, platform, account_id, campaign_id, ad_group_id, ad_id, valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_until
    from {{ ref('dim_campaign') }}
),

homeless_ads as (
    select distinct ads.ad_id
    from {{ ref('fct_ad_performance') }} as ads
    left join campaign_periods as periods
        on ads.source = periods.source
        and ads.platform = periods.platform
        and ads.account_id = periods.account_id
        and ads.campaign_id = periods.campaign_id
        and ads.ad_group_id = periods.ad_group_id
        and ads.ad_id = periods.ad_id
        and ads.date_day >= periods.valid_from
        and ads.date_day <= periods.valid_until
    where periods.valid_from is null
)

select channels.fact, 'channel' as what, channels.channel as value
from channels
left join {{ ref('dim_channel') }} as dim_channel on channels.channel = dim_channel.channel
where dim_channel.channel is null
union all
select persons.fact, 'person' as what, persons.person_id as value
from persons
left join {{ ref('dim_customer') }} as dim_customer on persons.person_id = dim_customer.person_id
where dim_customer.person_id is null
union all
select days.fact, 'day' as what, cast(days.date_day as varchar) as value
from days
left join {{ ref('dim_date') }} as dim_date on days.date_day = dim_date.date_day
where dim_date.date_day is null
union all
select 'fct_order_lines' as fact, 'product' as what, lines.product_id as value
from {{ ref('fct_order_lines') }} as lines
left join {{ ref('dim_product') }} as products
    on lines.source = products.source and lines.product_id = products.product_id
where lines.product_id is not null and products.product_id is null
union all
select 'fct_ad_performance' as fact, 'period of an ad' as what, homeless_ads.ad_id as value
from homeless_ads
