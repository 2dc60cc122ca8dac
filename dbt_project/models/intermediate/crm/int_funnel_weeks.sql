-- Cohorts beside what their week cost: weeks of spend without a lead stay, so that spend adds up to that of the days.
with cohorts as (
    select * from {{ ref('int_funnel_cohorts') }}
),

spend_weeks as (
    select
        {{ week_start('date_day') }} as date_day, channel, source, platform, account_id, campaign_id,
        sum(spend) as spend
    from {{ ref('int_campaign_days') }}
    group by {{ week_start('date_day') }}, channel, source, platform, account_id, campaign_id
    having sum(spend) <> 0
),

keys as (
    select date_day, channel, source, platform, account_id, campaign_id from cohorts
    union
    select date_day, channel, source, platform, account_id, campaign_id from spend_weeks
),

final as (
    select
        keys.date_day,
        keys.channel,
        keys.source,
        keys.platform,
        keys.account_id,
        keys.campaign_id,
        {{ week_measure('spend', 'spend_weeks.spend', 'decimal(38, 10)') }} as spend,
        {{ week_measure('leads', 'cohorts.leads') }} as leads,
        {{ week_measure('leads', 'cohorts.implied_leads') }} as implied_leads,
        {{ week_measure('mqls', 'cohorts.mqls') }} as mqls,
        {{ week_measure('sqls', 'cohorts.sqls') }} as sqls,
        {{ week_measure('opportunities', 'cohorts.opportunities') }} as opportunities,
        {{ week_measure('won_deals', 'cohorts.won') }} as won,
        cohorts.median_days_lead_to_mql,
        cohorts.median_days_mql_to_sql,
        cohorts.median_days_sql_to_opportunity,
        cohorts.median_days_opportunity_to_won,
        cohorts.median_days_lead_to_won
    from keys
    left join cohorts
        on keys.date_day = cohorts.date_day
        and keys.channel = cohorts.channel
        and keys.source = cohorts.source
        and keys.platform = cohorts.platform
        and keys.account_id = cohorts.account_id
        and keys.campaign_id = cohorts.campaign_id
    left join spend_weeks
        on keys.date_day = spend_weeks.date_day
        and keys.channel = spend_weeks.channel
        and keys.source = spend_weeks.source
        and keys.platform = spend_weeks.platform
        and keys.account_id = spend_weeks.account_id
        and keys.campaign_id = spend_weeks.campaign_id
)

select * from final
