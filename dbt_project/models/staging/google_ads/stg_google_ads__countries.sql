with source as (
    select * from {{ source('landed', 'google_ads__countries') }}
),

final as (
    select
        country_id,
        country_code,
        country_name
    from source
)

select * from final
