with sends as (
    select * from {{ ref('fct_email_sends') }}
    where date_day >= {{ kpi_start() }}
),

final as (
    select
        date_day,
        source,
        campaign_id,
        sent_at,
        campaign_name,
        recipients,
        delivered,
        opens,
        clicks,
        bounces,
        unsubscribes,
        complaints,
        revenue,
        {{ ratio('opens', 'delivered') }} as open_rate,
        {{ ratio('clicks', 'delivered') }} as click_rate,
        {{ ratio('clicks', 'opens') }} as click_to_open,
        {{ ratio('unsubscribes', 'delivered') }} as unsubscribe_rate,
        {{ ratio('bounces', 'recipients') }} as bounce_rate,
        {{ ratio('revenue', 'recipients') }} as revenue_per_recipient
    from sends
)

select * from final
