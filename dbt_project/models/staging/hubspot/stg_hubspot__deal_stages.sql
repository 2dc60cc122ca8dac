with source as (
    select * from {{ source('landed', 'hubspot__deals') }}
),

entries as (
    select
        deal_id,
        stage as current_stage,
        {{ explode('stage_history') }} as entry
    from source
),

-- Entries of one instant: the stage that the deal is in now is the last of them.
final as (
    select
        deal_id,
        entry.stage,
        entry.entered_at,
        row_number() over (
            partition by deal_id
            order by
                entry.entered_at, case when entry.stage = current_stage then 1 else 0 end, entry.stage
        ) as stage_number
    from entries
)

select * from final
