-- Catches contacts and spend that fall out of the funnel (a join to deals, campaigns or weeks that drops or repeats
-- rows) and a stage with more contacts than the one before it. Returns weeks that differ: leads against the contacts'
-- lead days and spend against kpi_campaign_daily, per channel. Contacts that were never a lead are counted apart.
with funnel as (
    select
        date_day, channel,
        sum(leads - implied_leads) as leads,
        sum(spend) as spend,
        sum(case when mqls > leads or sqls > mqls or opportunities > sqls or won > opportunities then 1 else 0 end)
            as widenings
    from {{ ref('kpi_funnel') }}
    group by date_day, channel
),

facts as (
    select {{ week_start('lead_day') }} as date_day, channel, 1 as leads, 0 as spend
    from {{ ref('fct_contacts') }}
    where lead_day >= {{ kpi_start() }} and lead_day <= {{ mart_date() }}
    union all
    select {{ week_start('date_day') }} as date_day, channel, 0 as leads, spend
    from {{ ref('kpi_campaign_daily') }}
),

weeks as (
    select date_day, channel, sum(leads) as leads, sum(spend) as spend
    from facts
    group by date_day, channel
)

select
    coalesce(weeks.date_day, funnel.date_day) as date_day, coalesce(weeks.channel, funnel.channel) as channel,
    weeks.leads, funnel.leads as told_leads, weeks.spend, funnel.spend as told_spend
from weeks
full outer join funnel on weeks.date_day = funnel.date_day and weeks.channel = funnel.channel
where
    coalesce(weeks.leads, 0) <> coalesce(funnel.leads, 0)
    or coalesce(weeks.spend, 0) <> coalesce(funnel.spend, 0)
    or funnel.widenings > 0
