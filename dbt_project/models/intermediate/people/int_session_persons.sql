{{ config(materialized='view') }}

-- Whose visit it was, for models that look up a few visits. int_sessions tells the same beside the visit.
with sessions as (
    select * from {{ ref('int_sessions') }}
),

final as (
    select source, session_id, person_id
    from sessions
    where person_id is not null
)

select * from final
