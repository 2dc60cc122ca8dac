-- Which platforms make the declared claim at all: of the others it is unknown, not zero.
with claims as (
    select * from {{ ref('fct_ad_conversions') }}
    where is_declared
),

final as (
    select distinct
        source, platform, conversion_type, attribution_window,
        {{ truth_of_claim('conversion_type') }} as truth
    from claims
)

select * from final
