-- The channels of the built-in rules, and those that config, files or exports name beside them.
with built_in as (
    select * from {{ ref('channels') }}
),

seen as (
    select channel from {{ ref('dim_ad_state') }}
    union
    select channel from {{ ref('dim_visit_origin') }}
    union
    select channel from {{ ref('fct_other_touches') }}
    union
    select channel from {{ ref('int_costs') }} where channel <> ''
    {% for rule in var('channel_rules') %}
        union
        select '{{ rule.channel | replace("'", "''") }}' as channel
    {% endfor %}
),

final as (
    select channel, channel_group, is_paid, position, true as is_built_in
    from built_in
    union all
    select
        seen.channel, 'custom' as channel_group, null as is_paid, null as position, false as is_built_in
    from seen
    left join built_in on seen.channel = built_in.channel
    where built_in.channel is null
)

select * from final
