-- Deals with their first contact, who is the survivor where contacts were merged. Deleted deals are gone, what can't
-- be right is in quarantine.
with hubspot_deals as (
    select * from {{ ref('stg_hubspot__deals') }}
),

survivors as (
    select * from {{ ref('int_contact_survivors') }}
),

file_deals as (
    select * from {{ ref('stg_files__deals') }}
),

quarantined as (
    select * from {{ ref('int_quarantine__deals') }}
),

unioned as (
    select
        'hubspot' as source, deals.deal_id, deals.created_at, deals.closed_at, deals.stage, deals.is_closed,
        deals.is_won, deals.amount, deals.currency,
        coalesce(survivors.survivor_id, deals.contact_ids[1]) as contact_id
    from hubspot_deals as deals
    left join survivors on deals.contact_ids[1] = survivors.contact_id
    where not deals.is_archived
    union all
    select
        'files' as source, deal_id, created_at, closed_at, stage, closed_at is not null as is_closed, is_won,
        amount, currency, contact_id
    from file_deals
),

final as (
    select
        unioned.source,
        unioned.deal_id,
        unioned.created_at,
        {{ reporting_day('unioned.created_at') }} as date_day,
        unioned.closed_at,
        {{ reporting_day('unioned.closed_at') }} as closed_day,
        unioned.stage,
        unioned.is_closed,
        unioned.is_won,
        unioned.contact_id,
        unioned.currency,
        {{ local_amount('unioned.amount') }} as amount_local
    from unioned
    left join quarantined on unioned.source = quarantined.source and unioned.deal_id = quarantined.row_key
    where quarantined.row_key is null and {{ reporting_day('unioned.created_at') }} <= {{ mart_date() }}
)

select * from final
