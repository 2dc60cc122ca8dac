with source as (
    select * from {{ source('landed', 'hubspot__contacts') }}
),

entries as (
    select
        contact_id,
        {{ explode('lifecycle_history') }} as entry
    from source
),

first_entries as (
    select
        contact_id,
        min(case when entry.stage = 'lead' then entry.entered_at end) as lead_at,
        min(case when entry.stage = 'marketingqualifiedlead' then entry.entered_at end) as mql_at,
        min(case when entry.stage = 'salesqualifiedlead' then entry.entered_at end) as sql_at
    from entries
    group by contact_id
),

final as (
    select
        source.contact_id,
        source.created_at,
        source.updated_at,
        coalesce(source.is_archived, false) as is_archived,
        nullif(source.email_hash, '') as email_hash,
        nullif(source.phone_hash, '') as phone_hash,
        source.lifecycle_stage,
        first_entries.lead_at,
        first_entries.mql_at,
        first_entries.sql_at,
        source.merged_ids,
        source.analytics_source,
        nullif(source.google_click_id, '') as google_click_id,
        nullif(source.facebook_click_id, '') as facebook_click_id
    from source
    left join first_entries on source.contact_id = first_entries.contact_id
)

select * from final
