with source as (
    select * from {{ source('landed', 'files__experiments') }}
),

final as (
    select
        experiment,
        variant,
        person_id as subject_id,
        exposed_at
    from source
)

select * from final
