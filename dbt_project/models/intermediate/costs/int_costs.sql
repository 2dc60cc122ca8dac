-- Marketing costs beside ad spend, up to the mart's day; what can't be right is in quarantine.
with costs as (
    select * from {{ ref('stg_files__costs') }}
),

quarantined as (
    select * from {{ ref('int_quarantine__costs') }}
),

final as (
    select
        'files' as source,
        costs.date_day,
        costs.kind,
        costs.channel,
        costs.campaign,
        costs.currency,
        {{ local_amount('costs.amount') }} as amount_local
    from costs
    left join quarantined
        on {{ row_key(['costs.date_day', 'costs.kind', 'costs.channel', 'costs.campaign']) }} = quarantined.row_key
        and coalesce(costs.currency, '') = coalesce(quarantined.currency, '')
    where quarantined.row_key is null and costs.date_day <= {{ mart_date() }}
)

select * from final
