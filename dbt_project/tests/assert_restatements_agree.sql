-- The last accepted value of each day in the ledger is what the models read today. Catches a version that was left out
-- of the ledger or counted twice, an order whose earlier row was not taken back, a total kept in another unit.
-- Claims are compared only where the ledger has them: loads of before claims were summed up have none.
with ledger as (
    select * from {{ ref('fct_restatements') }}
    where is_current
),

ads as (
    select * from {{ ref('int_campaign_ad_days') }}
),

claims as (
    select * from {{ ref('fct_ad_conversions') }}
    where is_declared
),

orders as (
    select * from {{ ref('int_orders') }}
),

-- One pass over each fact, in whatever currencies; counts have none.
ad_sums as (
    select
        source, date_day, currency,
        sum(spend_local) as spend, sum(impressions) as impressions, sum(clicks) as clicks
    from ads
    group by source, date_day, currency
),

claim_sums as (
    select
        source, date_day, currency,
        sum(conversions) as conversions, sum(conversions_value_local) as conversions_value
    from claims
    group by source, date_day, currency
),

order_sums as (
    select
        source, date_day, currency,
        sum(net_amount_local) as net_revenue, sum(case when is_credit_note then 0 else 1 end) as orders
    from orders
    group by source, date_day, currency
),

present as (
    select source, date_day, 'spend' as metric, currency, {{ measure_value('spend') }} as value
    from ad_sums
    union all
    select source, date_day, 'impressions' as metric, '' as currency, {{ measure_value('impressions') }} as value
    from ad_sums
    union all
    select source, date_day, 'clicks' as metric, '' as currency, {{ measure_value('clicks') }} as value
    from ad_sums
    union all
    select source, date_day, 'conversions' as metric, '' as currency, {{ measure_value('conversions') }} as value
    from claim_sums
    union all
    select source, date_day, 'conversions_value' as metric, currency, {{ measure_value('conversions_value') }} as value
    from claim_sums
    union all
    select source, date_day, 'net_revenue' as metric, currency, {{ measure_value('net_revenue') }} as value
    from order_sums
    union all
    select source, date_day, 'orders' as metric, '' as currency, {{ measure_value('orders') }} as value
    from order_sums
),

summed as (
    select source, date_day, metric, currency, sum(value) as value
    from present
    group by source, date_day, metric, currency
),

told as (
    select distinct source, metric from ledger
),

final as (
    select
        coalesce(ledger.source, summed.source) as source,
        coalesce(ledger.date_day, summed.date_day) as date_day,
        coalesce(ledger.metric, summed.metric) as metric,
        coalesce(ledger.currency, summed.currency) as currency,
        ledger.value_local as value_in_ledger,
        summed.value as value_now
    from ledger
    full outer join summed
        on ledger.source = summed.source and ledger.date_day = summed.date_day
        and ledger.metric = summed.metric and ledger.currency = summed.currency
    left join told
        on summed.source = told.source and summed.metric = told.metric
        and summed.metric not in ('conversions', 'conversions_value')
    where
        coalesce(ledger.value_local, 0) <> coalesce(summed.value, 0)
        and (ledger.source is not null or told.source is not null)
)

select * from final
