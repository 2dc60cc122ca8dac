-- Credits of the path models in whole billionths: each touch's is cut to them and the last touch takes the rest, so
-- that a conversion's credits add up to exactly 1.
with touches as (
    select * from {{ ref('int_touches_found') }}
),

billionths as (
    select
        conversion_key, touch_id, touched_at, channel, utm_campaign, previous_channel, touch_number, touches,
        case when touch_number = 1 then 1000000000 else 0 end as first_touch,
        case when touch_number = touches then 1000000000 else 0 end as last_touch,
        -- The latest touch that is not Direct; the latest one where all are.
        case
            when is_not_direct and not_direct_from_here = 1 then 1000000000
            when not_direct_touches = 0 and touch_number = touches then 1000000000
            else 0
        end as last_non_direct,
        case
            when touch_number < touches then {{ whole_quotient(1000000000, 'touches') }}
            else 1000000000 - (touches - 1) * {{ whole_quotient(1000000000, 'touches') }}
        end as linear,
        -- 40% each for the first and the last, the rest for those between; halves where there are two.
        case
            when touches = 1 then 1000000000
            when touches = 2 then 500000000
            when touch_number = 1 then 400000000
            when touch_number < touches then {{ whole_quotient(200000000, 'touches - 2') }}
            else 600000000 - (touches - 2) * {{ whole_quotient(200000000, 'touches - 2') }}
        end as position_based,
        case
            when touch_number < touches
                then cast(floor(1000000000 * {{ ratio('decay', 'decay_of_path') }}) as bigint)
            else 0
        end as time_decay
    from touches
),

final as (
    select
        conversion_key,
        touch_id,
        touched_at,
        channel,
        utm_campaign,
        previous_channel,
        touch_number,
        touches,
        {{ billionths('first_touch') }} as credit_first_touch,
        {{ billionths('last_touch') }} as credit_last_touch,
        {{ billionths('last_non_direct') }} as credit_last_non_direct,
        {{ billionths('linear') }} as credit_linear,
        {{ billionths('position_based') }} as credit_position_based,
        {{ billionths('case
            when touch_number < touches then time_decay
            else 1000000000 - sum(time_decay) over (partition by conversion_key)
        end') }} as credit_time_decay
    from billionths
)

select * from final
