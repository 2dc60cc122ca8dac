-- Which contact a merged one lives on in, however often it was merged onwards.
with recursive contacts as (
    select * from {{ ref('stg_hubspot__contacts') }}
),

merged_ids as (
    select contact_id as survivor_id, {{ explode('merged_ids') }} as contact_id
    from contacts
),

survivors as (
    select contact_id, min(survivor_id) as survivor_id
    from merged_ids
    where contact_id <> survivor_id
    group by contact_id
),

-- 20 hops are more than any CRM shows and end a circle.
chain as (
    select contact_id, survivor_id, 1 as hop
    from survivors
    union all
    select chain.contact_id, survivors.survivor_id, chain.hop + 1 as hop
    from chain
    inner join survivors on chain.survivor_id = survivors.contact_id
    where chain.hop < 20
),

ranked as (
    select contact_id, survivor_id, row_number() over (partition by contact_id order by hop desc) as choice
    from chain
),

final as (
    select contact_id, survivor_id
    from ranked
    where choice = 1
)

select * from final
