-- The path models by campaign, beside what the campaign cost. What no campaign can be told for stands under `(none)`.
with attribution_days as (
    select * from {{ ref('int_attribution_days') }}
),

campaign_keys as (
    select * from {{ ref('int_campaign_key_periods') }}
),

campaign_days as (
    select * from {{ ref('int_campaign_days') }}
    where spend <> 0
),

conversion_types as (
    {%- for type in known_conversion_types() %}
        select '{{ type }}' as conversion_type{{ ' union all' if not loop.last }}
    {%- else %}
    select '' as conversion_type where false
    {%- endfor %}
),

unioned as (
    select
        attribution_days.date_day, attribution_days.conversion_type, attribution_days.channel,
        coalesce(campaign_keys.source, '(none)') as source,
        coalesce(campaign_keys.platform, '(none)') as platform,
        coalesce(campaign_keys.account_id, '(none)') as account_id,
        coalesce(campaign_keys.campaign_id, '(none)') as campaign_id,
        {%- for model in path_models() %}
            attribution_days.conversions_{{ model }}, attribution_days.revenue_{{ model }},
        {%- endfor %}
        cast(0 as decimal(38, 10)) as spend
    from attribution_days
    left join campaign_keys
        on attribution_days.channel = campaign_keys.channel
        and {{ campaign_key('attribution_days.utm_campaign') }} = campaign_keys.campaign_key
        and attribution_days.date_day >= campaign_keys.valid_from
        and attribution_days.date_day <= campaign_keys.valid_until
    union all
    select
        campaign_days.date_day, conversion_types.conversion_type, campaign_days.channel, campaign_days.source,
        campaign_days.platform, campaign_days.account_id, campaign_days.campaign_id,
        {%- for model in path_models() %}
            0 as conversions_{{ model }},
            case when conversion_types.conversion_type <> 'lead' then 0 end as revenue_{{ model }},
        {%- endfor %}
        campaign_days.spend
    from campaign_days
    cross join conversion_types
),

final as (
    select
        date_day,
        conversion_type,
        channel,
        source,
        platform,
        account_id,
        campaign_id,
        cast(sum(spend) as decimal(38, 10)) as spend,
    {%- for model in path_models() %}
        cast(sum(conversions_{{ model }}) as decimal(38, 9)) as conversions_{{ model }},
        cast(sum(revenue_{{ model }}) as decimal(38, 19)) as revenue_{{ model }}{{ ',' if not loop.last }}
    {%- endfor %}
    from unioned
    group by date_day, conversion_type, channel, source, platform, account_id, campaign_id
)

select * from final
