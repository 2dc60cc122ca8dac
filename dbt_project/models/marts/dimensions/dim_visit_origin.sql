with origins as (
    select * from {{ ref('int_visit_origins') }}
),

-- Of the two that see the same people the tracker counts; the shop where no tracker has ever landed a visit.
tracker as (
    select count(*) as origins from origins where source = 'files'
),

final as (
    select
        origins.origin_id,
        origins.source,
        origins.channel,
        origins.utm_source,
        origins.utm_medium,
        origins.utm_campaign,
        origins.utm_content,
        origins.utm_term,
        origins.source = 'files' or tracker.origins = 0 as is_counted
    from origins
    cross join tracker
)

select * from final
