-- A control total is named `<column>[:<conversion type>:<window>][ <currency>]`.
with loads as (
    select * from {{ ref('stg_landing__loads') }}
),

named as (
    select load, totals, {{ explode(json_names('totals')) }} as name
    from loads
),

final as (
    select
        load,
        name,
        split_part(split_part(name, ' ', 1), ':', 1) as measure,
        split_part(split_part(name, ' ', 1), ':', 2) as conversion_type,
        split_part(split_part(name, ' ', 1), ':', 3) as attribution_window,
        upper(split_part(name, ' ', 2)) as currency,
        {{ json_number('totals', 'name') }} as value
    from named
)

select * from final
