-- The contacts of a cohort week, counted by how far they came, and the median time between two stages.
with contacts as (
    select * from {{ ref('int_funnel_contacts') }}
    where cohort_day >= {{ kpi_start() }} and cohort_day <= {{ mart_date() }}
),

timed as (
    select
        *,
        {{ epoch_micros('mql_at') }} - {{ epoch_micros('lead_at') }} as lead_to_mql,
        {{ epoch_micros('sql_at') }} - {{ epoch_micros('mql_at') }} as mql_to_sql,
        {{ epoch_micros('opportunity_at') }} - {{ epoch_micros('sql_at') }} as sql_to_opportunity,
        {{ epoch_micros('won_at') }} - {{ epoch_micros('opportunity_at') }} as opportunity_to_won,
        {{ epoch_micros('won_at') }} - {{ epoch_micros('lead_at') }} as lead_to_won
    from contacts
),

final as (
    select
        {{ week_start('cohort_day') }} as date_day,
        channel,
        ad_source as source,
        platform,
        account_id,
        campaign_id,
        count(*) as leads,
        sum(case when is_lead_implied then 1 else 0 end) as implied_leads,
        sum(case when is_mql then 1 else 0 end) as mqls,
        sum(case when is_sql then 1 else 0 end) as sqls,
        sum(case when is_opportunity then 1 else 0 end) as opportunities,
        sum(case when is_won then 1 else 0 end) as won,
        {{ ratio(median_of('lead_to_mql'), 86400000000) }} as median_days_lead_to_mql,
        {{ ratio(median_of('mql_to_sql'), 86400000000) }} as median_days_mql_to_sql,
        {{ ratio(median_of('sql_to_opportunity'), 86400000000) }} as median_days_sql_to_opportunity,
        {{ ratio(median_of('opportunity_to_won'), 86400000000) }} as median_days_opportunity_to_won,
        {{ ratio(median_of('lead_to_won'), 86400000000) }} as median_days_lead_to_won
    from timed
    group by {{ week_start('cohort_day') }}, channel, ad_source, platform, account_id, campaign_id
)

select * from final
