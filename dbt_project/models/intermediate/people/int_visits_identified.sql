{{ config(materialized='view') }}

-- Whose a visit of the tracker was: of its own customer id, else of its email, else of the click that brought it, else
-- of its visitor id, which is looked up only then. A visitor id that links nobody is a person by itself.
with tracker_visits as (
    select * from {{ ref('stg_files__sessions') }}
    where {{ up_to_mart_date('started_at') }}
),

persons as not materialized (
    select * from {{ ref('int_persons') }}
),

customers as (
    select substr(identifier, 10) as customer_id, {{ narrow_id('person_id') }} as person_key
    from persons
    where identifier like 'customer:%'
),

emails as (
    select substr(identifier, 7) as email_hash, {{ narrow_id('person_id') }} as person_key
    from persons
    where identifier like 'email:%'
),

clicks as (
    select substr(identifier, 7) as click_id, {{ narrow_id('person_id') }} as person_key
    from persons
    where identifier like 'click:%'
),

visitors as (
    select substr(identifier, 9) as visitor_id, {{ narrow_id('person_id') }} as person_key
    from persons
    where identifier like 'visitor:%'
),

found as (
    select
        tracker_visits.*,
        coalesce(customers.person_key, emails.person_key, clicks.person_key, visitors.person_key) as found_key
    from tracker_visits
    left join customers on tracker_visits.customer_id = customers.customer_id
    left join emails on tracker_visits.email_hash = emails.email_hash
    left join clicks on tracker_visits.click_id = clicks.click_id
    left join visitors
        on
        case
            when coalesce(customers.person_key, emails.person_key, clicks.person_key) is null
                then tracker_visits.visitor_id
        end = visitors.visitor_id
),

final as (
    select
        session_id, started_at,
        coalesce(found_key, {{ narrow_id(lone_person("'visitor:' || visitor_id")) }}) as person_key,
        found_key is not null as is_identified,
        utm_source, utm_medium, utm_campaign, utm_content, utm_term, pageviews, is_engaged
    from found
)

select * from final
