-- What each model credits on a day: the path models by campaign; Markov and Shapley, which are properties of all paths,
-- by channel, with the campaign `(all)`. What no campaign can be told for stands under `(none)`.
with campaign_keys as (
    select * from {{ ref('int_campaign_key_periods') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

channel_days as (
    select * from {{ ref('int_attribution_channel_days') }}
),

-- Many touches of a day carry the same campaign, so its key is looked for once for all of them.
credited as (
    select
        date_day, conversion_type, channel, utm_campaign,
    {%- for model in path_models() %}
        sum(conversions * credit_{{ model }}) as conversions_{{ model }},
        sum({{ credited_amount('revenue', 'credit_' ~ model) }}) as revenue_{{ model }}{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ ref('fct_attribution') }}
    group by date_day, conversion_type, channel, utm_campaign
),

placed as (
    select
        credited.*,
        coalesce(campaign_keys.source, '(none)') as source, coalesce(campaign_keys.platform, '(none)') as platform,
        coalesce(campaign_keys.account_id, '(none)') as account_id,
        coalesce(campaign_keys.campaign_id, '(none)') as campaign_id
    from credited
    left join campaign_keys
        on credited.channel = campaign_keys.channel
        and {{ campaign_key('credited.utm_campaign') }} = campaign_keys.campaign_key
        and credited.date_day between campaign_keys.valid_from and campaign_keys.valid_until
),

campaign_days as (
    select
        date_day, conversion_type, channel, source, platform, account_id, campaign_id,
    {%- for model in path_models() %}
        cast(sum(conversions_{{ model }}) as decimal(38, 9)) as conversions_{{ model }},
        {{ credited_revenue('revenue_' ~ model) }} as revenue_{{ model }}{{ ',' if not loop.last }}
    {%- endfor %}
    from placed
    group by date_day, conversion_type, channel, source, platform, account_id, campaign_id
),

final as (
    select
        campaign_days.date_day, campaign_days.conversion_type, campaign_days.channel, campaign_days.source,
        campaign_days.platform, campaign_days.account_id, campaign_days.campaign_id,
        coalesce(campaigns.campaign_name, campaign_days.campaign_id) as campaign_name,
        {%- for model in path_models() %}
            campaign_days.conversions_{{ model }}, campaign_days.revenue_{{ model }},
        {%- endfor %}
        null as conversions_markov, null as revenue_markov, null as conversions_shapley, null as revenue_shapley
    from campaign_days
    left join campaigns
        on campaign_days.source = campaigns.source
        and campaign_days.platform = campaigns.platform
        and campaign_days.account_id = campaigns.account_id
        and campaign_days.campaign_id = campaigns.campaign_id
    union all
    select
        date_day, conversion_type, channel, '(all)' as source, '(all)' as platform, '(all)' as account_id,
        '(all)' as campaign_id, '(all)' as campaign_name,
        {%- for model in path_models() %}
            null as conversions_{{ model }}, null as revenue_{{ model }},
        {%- endfor %}
        conversions_markov, revenue_markov, conversions_shapley, revenue_shapley
    from channel_days
)

select * from final
