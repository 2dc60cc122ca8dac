with source as (
    select * from {{ source('landed', 'files__email_campaigns') }}
),

final as (
    select
        campaign_id,
        coalesce(campaign_name, campaign_id) as campaign_name,
        sent_at,
        recipients,
        delivered,
        opens,
        clicks,
        bounces,
        unsubscribes,
        complaints,
        revenue,
        upper(currency) as currency
    from source
)

select * from final
