-- What people did, counted by day, channel and the utm_campaign that brought them: one row per measure.
with sessions as (
    select * from {{ ref('int_visit_days') }}
),

contacts as (
    select * from {{ ref('fct_contacts') }}
),

deals as (
    select * from {{ ref('fct_deals') }}
),

order_measures as (
    select * from {{ ref('int_order_measures') }}
),

session_measures as (
    select date_day, channel, utm_campaign, 'sessions' as measure, {{ measure_value('sessions') }} as value
    from sessions
    union all
    select
        date_day, channel, utm_campaign,
        'engaged_sessions' as measure, {{ measure_value('engaged_sessions') }} as value
    from sessions
    where engaged_sessions > 0
),

crm_measures as (
    select lead_day as date_day, channel, utm_campaign, 'leads' as measure, {{ measure_value(1) }} as value
    from contacts
    union all
    select mql_day as date_day, channel, utm_campaign, 'mqls' as measure, {{ measure_value(1) }} as value
    from contacts
    union all
    select sql_day as date_day, channel, utm_campaign, 'sqls' as measure, {{ measure_value(1) }} as value
    from contacts
    union all
    select date_day, channel, utm_campaign, 'opportunities' as measure, {{ measure_value(1) }} as value
    from deals
    union all
    select closed_day as date_day, channel, utm_campaign, 'won_deals' as measure, {{ measure_value(1) }} as value
    from deals where is_won
),

unioned as (
    select * from session_measures
    union all
    select * from crm_measures
    union all
    select * from order_measures
),

final as (
    select date_day, channel, utm_campaign, measure, {{ measure_value('sum(value)') }} as value
    from unioned
    where date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }}
    group by date_day, channel, utm_campaign, measure
)

select * from final
