with deals as (
    select * from {{ ref('int_deals') }}
),

contacts as (
    select * from {{ ref('fct_contacts') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

final as (
    select
        deals.source,
        deals.deal_id,
        deals.date_day,
        deals.created_at,
        deals.closed_at,
        deals.closed_day,
        deals.stage,
        deals.is_closed,
        deals.is_won,
        deals.contact_id,
        contacts.person_id,
        coalesce(contacts.channel, '(unattributed)') as channel,
        coalesce(contacts.utm_campaign, '') as utm_campaign,
        deals.currency,
        deals.amount_local,
        {{ reporting_amount('deals.amount_local', 'rates.fx_rate') }} as amount,
        rates.fx_rate,
        rates.fx_rate_day
    from deals
    left join contacts on deals.source = contacts.source and deals.contact_id = contacts.contact_id
    left join rates on deals.currency = rates.currency and deals.date_day = rates.date_day
)

select * from final
