-- Sends of a file that can't be right: revenue in no currency.
with email_campaigns as (
    select * from {{ ref('stg_files__email_campaigns') }}
),

final as (
    select
        'files' as source,
        'email_campaigns' as stream,
        {{ row_key(['campaign_id', 'sent_at']) }} as row_key,
        {{ reporting_day('sent_at') }} as date_day,
        'missing_currency' as reason,
        currency,
        {{ local_amount('revenue') }} as amount_local,
        {{ json_row(['campaign_id', 'sent_at', 'recipients', 'delivered', 'opens', 'clicks', 'revenue', 'currency']) }}
            as row_json
    from email_campaigns
    where currency is null and revenue is not null and {{ reporting_day('sent_at') }} <= {{ mart_date() }}
)

select * from final
