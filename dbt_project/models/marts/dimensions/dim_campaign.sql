-- One hierarchy over all platforms, with its history: a new row whenever a name, type or channel changes from one
-- landed day to the next. What moved (the same ad, or what has no ads the same campaign, seen later under another
-- ad group, campaign or account) ends on the last day that it was seen here; both places hold while both are seen.
with ad_changes as (
    select * from {{ ref('int_ad_changes') }}
),

states as (
    select * from {{ ref('int_ad_states') }}
),

places as (
    select
        source, platform, account_id, campaign_id, ad_group_id, ad_id,
        max(last_day) as last_seen_here,
        max(max(last_day)) over (
            partition by source, platform, {{ finest_known('account_id', 'campaign_id', 'ad_group_id', 'ad_id') }}
        ) as last_seen
    from states
    group by source, platform, account_id, campaign_id, ad_group_id, ad_id
),

changes as (
    select
        *,
        lead(date_day) over (
            partition by source, platform, account_id, campaign_id, ad_group_id, ad_id order by date_day
        ) as next_change
    from ad_changes
),

final as (
    select
        changes.source,
        changes.platform,
        changes.account_id,
        changes.account_name,
        changes.currency,
        changes.campaign_id,
        changes.campaign_name,
        changes.campaign_type,
        changes.channel,
        changes.ad_group_id,
        changes.ad_group_name,
        changes.ad_id,
        changes.ad_name,
        changes.date_day as valid_from,
        case
            when changes.next_change is not null then {{ days_after('changes.next_change', -1) }}
            when places.last_seen > places.last_seen_here then places.last_seen_here
        end as valid_to,
        changes.next_change is null and places.last_seen = places.last_seen_here as is_current
    from changes
    inner join places
        on changes.source = places.source
        and changes.platform = places.platform
        and changes.account_id = places.account_id
        and changes.campaign_id = places.campaign_id
        and changes.ad_group_id = places.ad_group_id
        and changes.ad_id = places.ad_id
)

select * from final
