-- The steps of all paths, counted: from the start over the channels to the conversion, or to nothing. A credit note is
-- no conversion, so its path does not count.
with conversions as (
    select * from {{ ref('int_conversions') }}
    where conversion_type <> 'contact_origin' and conversions = 1
),

touches as (
    select * from {{ ref('int_touches_credited') }}
),

unconverted as (
    select * from {{ ref('int_paths_unconverted') }}
),

paths as (
    select
        conversions.conversion_type, touches.channel, touches.previous_channel,
        touches.touch_number = touches.touches as is_last, '(conversion)' as end_state
    from touches
    inner join conversions on touches.conversion_key = conversions.conversion_key
    union all
    select conversion_type, channel, previous_channel, is_last, '(null)' as end_state
    from unconverted
),

counted as (
    select conversion_type, channel, previous_channel, is_last, end_state, count(*) as transitions
    from paths
    group by conversion_type, channel, previous_channel, is_last, end_state
),

steps as (
    select
        conversion_type, coalesce(previous_channel, '(start)') as from_state, channel as to_state, transitions
    from counted
    union all
    select conversion_type, channel as from_state, end_state as to_state, transitions
    from counted
    where is_last
),

final as (
    select conversion_type, from_state, to_state, cast(sum(transitions) as bigint) as transitions
    from steps
    group by conversion_type, from_state, to_state
)

select * from final
