-- Everything that an ad was ever called: few rows, whatever the number of days. So its channel is worked out once for
-- each, and the days of an ad (fct_ad_days) keep a number instead of thirteen texts.
with ad_days as (
    select * from {{ ref('int_ad_days') }}
),

platforms as (
    select * from {{ ref('ad_platforms') }}
),

states as (
    select distinct {{ ad_state_texts() | join(', ') }}
    from ad_days
),

final as (
    select
        {{ narrow_hash(ad_state_text('states')) }} as ad_state_id,
        {%- for text in ad_state_texts() %}
            states.{{ text }},
        {%- endfor %}
        {{ spend_channel(
            'states.platform', 'states.campaign_type', 'states.campaign_name', 'states.row_channel',
            'platforms.channel'
        ) }} as channel
    from states
    left join platforms on states.platform = platforms.platform
)

select * from final
