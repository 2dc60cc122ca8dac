-- Catches a visit that stands twice or has no id: one that a tracker tells of on another day again, or that a join
-- repeats. Visits are too many to be told apart all at once: of all days those are whose id's hash is in the mart day's
-- share, one in seven, so that in a week of daily builds it is each one's turn; and at once whatever has a visit of the
-- last 31 days, as new ones are. A day's visits are told apart when they land, and that the facts have as many is
-- assert_events_are_conserved.
-- The table is named where it is read: a CTE of it would be written out once for all.
with suspects as (
    select session_id
    from {{ ref('fct_visits') }}
    where {{ row_hash(['session_id']) }} % 7 = {{ days_between("cast('1970-01-01' as date)", mart_date()) }} % 7
    group by session_id
    having count(*) > 1
    union all
    select session_id
    from {{ ref('fct_visits') }}
    where
        session_id in (
            select recent.session_id
            from {{ ref('fct_visits') }} as recent
            where recent.date_day > {{ days_after(mart_date(), -31) }}
        )
    group by session_id
    having count(*) > 1
)

select origins.source, visits.session_id, count(*) as row_count
from (
    select session_id, origin_id from {{ ref('fct_visits') }}
    where session_id in (select suspects.session_id from suspects)
) as visits
left join {{ ref('dim_visit_origin') }} as origins on visits.origin_id = origins.origin_id
group by origins.source, visits.session_id
having count(*) > 1
union all
select null as source, session_id, 1 as row_count
from {{ ref('fct_visits') }}
where session_id is null
