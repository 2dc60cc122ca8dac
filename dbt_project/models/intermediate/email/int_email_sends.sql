-- A send is what analysts compare: an email of HubSpot's on the day it went out, a row of a file.
with messages as (
    select * from {{ ref('int_email_messages') }}
),

quarantined as (
    select * from {{ ref('int_quarantine__email_campaigns') }}
),

file_sends as (
    select campaigns.*
    from {{ ref('stg_files__email_campaigns') }} as campaigns
    left join quarantined on {{ row_key(['campaigns.campaign_id', 'campaigns.sent_at']) }} = quarantined.row_key
    where quarantined.row_key is null and {{ reporting_day('campaigns.sent_at') }} <= {{ mart_date() }}
),

hubspot_sends as (
    select
        campaign_id,
        date_day,
        min(sent_at) as sent_at,
        max(campaign_name) as campaign_name,
        count(*) as recipients,
        sum(case when is_delivered then 1 else 0 end) as delivered,
        count(distinct case when is_opened then recipient end) as opens,
        count(distinct case when is_clicked then recipient end) as clicks,
        sum(opens) as total_opens,
        sum(clicks) as total_clicks,
        sum(case when is_bounced then 1 else 0 end) as bounces,
        count(distinct case when is_unsubscribed then recipient end) as unsubscribes,
        count(distinct case when is_complained then recipient end) as complaints
    from messages
    group by campaign_id, date_day
),

unioned as (
    select
        'hubspot' as source, campaign_id, date_day, sent_at, campaign_name, recipients, delivered, opens, clicks,
        total_opens, total_clicks, bounces, unsubscribes, complaints, null as currency, null as revenue
    from hubspot_sends
    union all
    select
        'files' as source, campaign_id, {{ reporting_day('sent_at') }} as date_day, sent_at, campaign_name, recipients,
        delivered, opens, clicks, null as total_opens, null as total_clicks, bounces, unsubscribes, complaints,
        currency, revenue
    from file_sends
),

final as (
    select
        source,
        campaign_id,
        date_day,
        sent_at,
        campaign_name,
        cast(recipients as bigint) as recipients,
        cast(delivered as bigint) as delivered,
        cast(opens as bigint) as opens,
        cast(clicks as bigint) as clicks,
        cast(total_opens as bigint) as total_opens,
        cast(total_clicks as bigint) as total_clicks,
        cast(bounces as bigint) as bounces,
        cast(unsubscribes as bigint) as unsubscribes,
        cast(complaints as bigint) as complaints,
        cast(currency as varchar) as currency,
        {{ local_amount('revenue') }} as revenue_local
    from unioned
)

select * from final
