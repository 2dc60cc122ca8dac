with source as (
    select * from {{ source('landed', 'files__targets') }}
),

final as (
    select
        month,
        lower(kpi) as kpi,
        coalesce(channel, '') as channel,
        floor,
        target,
        stretch
    from source
)

select * from final
