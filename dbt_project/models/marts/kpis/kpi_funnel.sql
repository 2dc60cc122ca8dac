-- A cohort is mature once its last day lies 90 days back: the usual quarter of a sale between companies. Younger ones
-- look worse than they will be.
with weeks as (
    select * from {{ ref('int_funnel_weeks') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

final as (
    select
        weeks.date_day,
        weeks.channel,
        weeks.source,
        weeks.platform,
        weeks.account_id,
        coalesce(campaigns.account_name, '(none)') as account_name,
        weeks.campaign_id,
        coalesce(campaigns.campaign_name, '(none)') as campaign_name,
        {{ days_after('weeks.date_day', 6 + 90) }} <= {{ mart_date() }} as is_mature,
        weeks.spend,
        weeks.leads,
        weeks.implied_leads,
        weeks.mqls,
        weeks.sqls,
        weeks.opportunities,
        weeks.won,
        {{ ratio('weeks.mqls', 'weeks.leads') }} as lead_to_mql_rate,
        {{ ratio('weeks.sqls', 'weeks.mqls') }} as mql_to_sql_rate,
        {{ ratio('weeks.opportunities', 'weeks.sqls') }} as sql_to_opportunity_rate,
        {{ ratio('weeks.won', 'weeks.opportunities') }} as opportunity_to_won_rate,
        {{ ratio('weeks.sqls', 'weeks.leads') }} as lead_quality,
        {{ ratio('weeks.opportunities', 'weeks.leads') }} as lead_to_opportunity_rate,
        {{ ratio('weeks.won', 'weeks.leads') }} as lead_to_won_rate,
        weeks.median_days_lead_to_mql,
        weeks.median_days_mql_to_sql,
        weeks.median_days_sql_to_opportunity,
        weeks.median_days_opportunity_to_won,
        weeks.median_days_lead_to_won,
        {{ ratio('weeks.spend', 'weeks.leads') }} as cost_per_lead,
        {{ ratio('weeks.spend', 'weeks.mqls') }} as cost_per_mql,
        {{ ratio('weeks.spend', 'weeks.sqls') }} as cost_per_sql,
        {{ ratio('weeks.spend', 'weeks.opportunities') }} as cost_per_opportunity,
        {{ ratio('weeks.spend', 'weeks.won') }} as cost_per_won
    from weeks
    left join campaigns
        on weeks.source = campaigns.source
        and weeks.platform = campaigns.platform
        and weeks.account_id = campaigns.account_id
        and weeks.campaign_id = campaigns.campaign_id
)

select * from final
