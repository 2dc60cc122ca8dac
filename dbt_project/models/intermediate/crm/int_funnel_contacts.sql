-- How far each contact came. A later stage implies the ones before it; opportunities are deals whose first contact it
-- is. The cohort is the week of the lead, without one that of the first stage told.
with contacts as (
    select * from {{ ref('fct_contacts') }}
),

deals as (
    select
        source, contact_id,
        min(created_at) as opportunity_at,
        min(case when is_won and closed_day <= {{ mart_date() }} then closed_at end) as won_at
    from {{ ref('fct_deals') }}
    group by source, contact_id
),

campaign_keys as (
    select * from {{ ref('int_campaign_key_periods') }}
),

staged as (
    select
        contacts.source,
        contacts.contact_id,
        contacts.channel,
        contacts.utm_campaign,
        case when contacts.lead_day <= {{ mart_date() }} then contacts.lead_at end as lead_at,
        case when contacts.mql_day <= {{ mart_date() }} then contacts.mql_at end as mql_at,
        case when contacts.sql_day <= {{ mart_date() }} then contacts.sql_at end as sql_at,
        deals.opportunity_at,
        deals.won_at
    from contacts
    left join deals on contacts.source = deals.source and contacts.contact_id = deals.contact_id
),

reached as (
    select
        *,
        {{ reporting_day('coalesce(lead_at, least(mql_at, sql_at, opportunity_at))') }} as cohort_day
    from staged
    where coalesce(lead_at, mql_at, sql_at, opportunity_at) is not null
),

final as (
    select
        reached.source,
        reached.contact_id,
        reached.channel,
        coalesce(campaign_keys.source, '(none)') as ad_source,
        coalesce(campaign_keys.platform, '(none)') as platform,
        coalesce(campaign_keys.account_id, '(none)') as account_id,
        coalesce(campaign_keys.campaign_id, '(none)') as campaign_id,
        reached.cohort_day,
        reached.lead_at,
        reached.mql_at,
        reached.sql_at,
        reached.opportunity_at,
        reached.won_at,
        reached.lead_at is null as is_lead_implied,
        coalesce(reached.mql_at, reached.sql_at, reached.opportunity_at) is not null as is_mql,
        coalesce(reached.sql_at, reached.opportunity_at) is not null as is_sql,
        reached.opportunity_at is not null as is_opportunity,
        reached.won_at is not null as is_won
    from reached
    left join campaign_keys
        on reached.channel = campaign_keys.channel
        and {{ campaign_key('reached.utm_campaign') }} = campaign_keys.campaign_key
        and reached.cohort_day >= campaign_keys.valid_from
        and reached.cohort_day <= campaign_keys.valid_until
)

select * from final
