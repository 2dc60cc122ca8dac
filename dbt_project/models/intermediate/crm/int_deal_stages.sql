-- Where no history is told (files; HubSpot where it gives none) all that is known is the present stage, entered when
-- the deal was closed, or created.
with deals as (
    select * from {{ ref('int_deals') }}
),

hubspot_stages as (
    select * from {{ ref('stg_hubspot__deal_stages') }}
),

told as (
    select deals.source, deals.deal_id, stages.stage_number, stages.stage, stages.entered_at, true as is_history_told
    from deals
    inner join hubspot_stages as stages on deals.deal_id = stages.deal_id
    where deals.source = 'hubspot' and {{ reporting_day('stages.entered_at') }} <= {{ mart_date() }}
),

present as (
    select
        deals.source, deals.deal_id, 1 as stage_number, deals.stage,
        case
            when {{ reporting_day('deals.closed_at') }} <= {{ mart_date() }} then deals.closed_at else deals.created_at
        end as entered_at,
        false as is_history_told
    from deals
    left join told on deals.source = told.source and deals.deal_id = told.deal_id
    where told.deal_id is null
),

unioned as (
    select * from told
    union all
    select * from present
),

spans as (
    select
        *,
        lead(entered_at) over (partition by source, deal_id order by stage_number) as left_at
    from unioned
),

timed as (
    select
        *,
        {{ from_micros(epoch_micros('left_at') ~ ' - ' ~ epoch_micros('entered_at')) }} as seconds_in_stage
    from spans
),

final as (
    select
        source,
        deal_id,
        cast(stage_number as integer) as stage_number,
        stage,
        {{ reporting_day('entered_at') }} as date_day,
        entered_at,
        left_at,
        cast({{ decimal_quotient('seconds_in_stage', 86400) }} as decimal(18, 6)) as days_in_stage,
        left_at is null as is_current,
        is_history_told
    from timed
)

select * from final
