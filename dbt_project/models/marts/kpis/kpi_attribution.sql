-- The path models by campaign, Markov's and Shapley's by channel, each beside the spend that it is held against.
with campaign_days as (
    select * from {{ ref('int_attribution_campaign_days') }}
),

channel_days as (
    select * from {{ ref('int_attribution_channel_days') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

modelled as (
    {%- for model in path_models() %}
        select
            date_day, conversion_type, channel, source, platform, account_id, campaign_id, '{{ model }}' as model,
            conversions_{{ model }} as conversions, revenue_{{ model }} as revenue, spend
        from campaign_days
        union all
    {%- endfor %}
    select
        date_day, conversion_type, channel, '(all)' as source, '(all)' as platform, '(all)' as account_id,
        '(all)' as campaign_id, model, conversions, revenue, spend
    from channel_days
),

final as (
    select
        modelled.date_day,
        modelled.conversion_type,
        modelled.channel,
        modelled.source,
        modelled.platform,
        modelled.account_id,
        modelled.campaign_id,
        coalesce(campaigns.campaign_name, modelled.campaign_id) as campaign_name,
        modelled.model,
        modelled.conversions,
        modelled.revenue,
        {{ 'modelled.spend' if is_known('spend') else 'cast(null as decimal(38, 10))' }} as spend,
        {{ ratio('modelled.spend', 'modelled.conversions') if is_known('spend') else 'cast(null as double)' }} as cac,
        {{ ratio('modelled.revenue', 'modelled.spend') if is_known('spend') else 'cast(null as double)' }} as roas
    from modelled
    left join campaigns
        on modelled.source = campaigns.source
        and modelled.platform = campaigns.platform
        and modelled.account_id = campaigns.account_id
        and modelled.campaign_id = campaigns.campaign_id
    where modelled.conversions <> 0 or modelled.revenue <> 0 or modelled.spend <> 0
)

select * from final
