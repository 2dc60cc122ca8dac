-- The touches of each conversion: conversion - window <= touch <= conversion, whatever earlier conversions took. Each
-- touch with what the models' credits are made of.
{{ config(materialized='view') }}

with conversions as (
    select * from {{ ref('int_conversions') }} where is_attributed
),

touches as (
    select * from {{ ref('int_touches') }}
),

keyed as (
    select *, {{ narrow_id('person_id') }} as person_key from conversions
),

-- A window begins in the span of time of its conversion or in the one before.
spans as (
    select *, {{ window_span('converted_at') }} as window_span from keyed
    union all
    select *, {{ window_span('converted_at') }} - 1 as window_span from keyed
    where {{ window_span('touches_from') }} < {{ window_span('converted_at') }}
),

found as (
    select
        spans.conversion_key,
        {{ touch_id('touches.touch_type', 'touches.source', 'touches.event_id') }} as touch_id,
        touches.occurred_at as touched_at, touches.channel, touches.utm_campaign,
        case when touches.channel = 'Direct' then 0 else 1 end as is_not_direct,
        {{ epoch_micros('spans.converted_at') }} - {{ epoch_micros('touches.occurred_at') }} as micros_before
    from touches
    inner join spans
        on touches.person_key = spans.person_key
        and {{ window_span('touches.occurred_at') }} = spans.window_span
        and touches.occurred_at >= spans.touches_from
        and touches.occurred_at <= spans.converted_at
),

-- Weights halve every 7 days. They are whole numbers, so large that those of the longest window have nine digits too:
-- their sum does not depend on the order of rows.
weighted as (
    select
        *,
        cast(
            pow(cast(0.5 as double), micros_before / cast(604800000000 as double)) * cast(1e24 as double)
            as decimal(38, 0)
        ) as decay
    from found
),

final as (
    select
        conversion_key,
        touch_id,
        touched_at,
        channel,
        utm_campaign,
        is_not_direct = 1 as is_not_direct,
        lag(channel) over path as previous_channel,
        row_number() over path as touch_number,
        count(*) over whole_path as touches,
        sum(is_not_direct) over rest_of_path as not_direct_from_here,
        sum(is_not_direct) over whole_path as not_direct_touches,
        decay,
        sum(decay) over whole_path as decay_of_path
    from weighted
    window
        path as (partition by conversion_key order by touched_at, touch_id),
        whole_path as (
            partition by conversion_key order by touched_at, touch_id
            rows between unbounded preceding and unbounded following
        ),
        rest_of_path as (
            partition by conversion_key order by touched_at, touch_id
            rows between current row and unbounded following
        )
)

select * from final
