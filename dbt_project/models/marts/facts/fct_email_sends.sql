with sends as (
    select * from {{ ref('int_email_sends') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

final as (
    select
        sends.source,
        sends.campaign_id,
        sends.date_day,
        sends.sent_at,
        sends.campaign_name,
        sends.recipients,
        sends.delivered,
        sends.opens,
        sends.clicks,
        sends.total_opens,
        sends.total_clicks,
        sends.bounces,
        sends.unsubscribes,
        sends.complaints,
        sends.currency,
        sends.revenue_local,
        {{ reporting_amount('sends.revenue_local', 'rates.fx_rate') }} as revenue,
        rates.fx_rate,
        rates.fx_rate_day
    from sends
    left join rates on sends.currency = rates.currency and sends.date_day = rates.date_day
)

select * from final
