-- Catches visits, contacts and deals that a join to persons, touches or contacts drops or repeats: what landed is a
-- fact or in quarantine. Returns the entities whose number of rows differs.
with landed as (
    select 'sessions' as entity, count(*) as row_count
    from {{ ref('stg_files__sessions') }}
    where {{ reporting_day('started_at') }} <= {{ mart_date() }}
    union all
    select 'contacts' as entity, count(*) as row_count
    from {{ ref('int_contacts') }}
    union all
    select 'deals' as entity, count(*) as row_count
    from (
        select created_at from {{ ref('stg_hubspot__deals') }} where not is_archived
        union all
        select created_at from {{ ref('stg_files__deals') }}
    ) as deals
    where {{ reporting_day('created_at') }} <= {{ mart_date() }}
),

told as (
    select 'sessions' as entity, count(*) as row_count from {{ ref('fct_sessions') }} where source = 'files'
    union all
    select 'contacts' as entity, count(*) as row_count from {{ ref('fct_contacts') }}
    union all
    select 'deals' as entity, count(*) as row_count
    from (
        select deal_id from {{ ref('fct_deals') }}
        union all
        select row_key as deal_id from {{ ref('quarantine') }} where stream = 'deals'
    ) as deals
)

select landed.entity, landed.row_count as landed_rows, told.row_count as told_rows
from landed
inner join told on landed.entity = told.entity
where landed.row_count <> told.row_count
