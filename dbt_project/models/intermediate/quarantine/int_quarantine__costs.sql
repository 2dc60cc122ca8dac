-- Costs that can't be right: an amount in no currency.
with costs as (
    select * from {{ ref('stg_files__costs') }}
),

final as (
    select
        'files' as source,
        'costs' as stream,
        {{ row_key(['date_day', 'kind', 'channel', 'campaign']) }} as row_key,
        date_day,
        'missing_currency' as reason,
        currency,
        {{ local_amount('amount') }} as amount_local,
        {{ json_row(['date_day', 'kind', 'amount', 'currency', 'channel', 'campaign']) }} as row_json
    from costs
    where coalesce(currency, '') = '' and date_day <= {{ mart_date() }}
)

select * from final
