{{ config(materialized='view') }}

-- Visits of the tracker and of the shop's customer journey. Both are kept; which of them count, their origin tells. A
-- view, since fct_visits holds the same rows.
with tracker_visits as (
    select * from {{ ref('int_visits_identified') }}
),

shop_visits as (
    select * from {{ ref('stg_shopify__visits') }}
),

orders as (
    select * from {{ ref('int_orders') }}
),

persons as (
    select * from {{ ref('int_persons') }}
),

origins as (
    select * from {{ ref('int_visit_origins') }}
),

-- One visit can lead to several orders: it is the first one's buyer's.
journeys as (
    select
        shop_visits.*,
        orders.person_identifier,
        row_number() over (partition by shop_visits.visit_id order by orders.ordered_at, orders.order_id) as choice
    from shop_visits
    inner join orders on shop_visits.order_id = orders.order_id and orders.source = 'shopify'
),

unioned as (
    select
        'files' as source, session_id, started_at, person_key, is_identified,
        utm_source, utm_medium, utm_campaign, utm_content, utm_term, pageviews, is_engaged
    from tracker_visits
    union all
    select
        'shopify' as source, journeys.visit_id as session_id, journeys.occurred_at as started_at,
        {{ narrow_id('persons.person_id') }} as person_key, true as is_identified,
        journeys.utm_source, journeys.utm_medium, journeys.utm_campaign, journeys.utm_content, journeys.utm_term,
        cast(null as bigint) as pageviews, cast(null as boolean) as is_engaged
    from journeys
    inner join persons on journeys.person_identifier = persons.identifier
    where journeys.choice = 1 and {{ up_to_mart_date('journeys.occurred_at') }}
),

final as (
    select
        origins.origin_id, unioned.session_id, unioned.started_at,
        {{ reporting_day('unioned.started_at') }} as date_day,
        unioned.person_key, unioned.is_identified, unioned.pageviews, unioned.is_engaged
    from unioned
    inner join origins
        on unioned.source = origins.source
        and unioned.utm_source = origins.utm_source
        and unioned.utm_medium = origins.utm_medium
        and unioned.utm_campaign = origins.utm_campaign
        and unioned.utm_content = origins.utm_content
        and unioned.utm_term = origins.utm_term
)

select * from final
