-- What touches are asked for. A contact's origin is what came before its creation; it gives contacts and deals their
-- channel and is no conversion that anyone counts.
with orders as (
    select * from {{ ref('int_order_conversions') }}
),

contacts as (
    select * from {{ ref('int_contacts') }}
),

deals as (
    select * from {{ ref('int_deals') }}
),

-- Few are asked for, so it is read for each question instead of being kept whole.
persons as not materialized (
    select * from {{ ref('int_persons') }}
),

rates as (
    select * from {{ ref('int_fx_rates') }}
),

known_contacts as (
    select contacts.*, persons.person_id
    from contacts
    inner join persons on contacts.person_identifier = persons.identifier
),

unioned as (
    select
        conversion_type, source, conversion_id, person_id, date_day, converted_at, conversions, revenue, margin
    from orders
    union all
    select
        'lead' as conversion_type, source, contact_id as conversion_id, person_id, lead_day as date_day,
        lead_at as converted_at, 1 as conversions, null as revenue, null as margin
    from known_contacts
    where lead_at is not null
    union all
    select
        'contact_origin' as conversion_type, source, contact_id as conversion_id, person_id, date_day,
        created_at as converted_at, 1 as conversions, null as revenue, null as margin
    from known_contacts
    union all
    select
        'won_deal' as conversion_type, deals.source, deals.deal_id as conversion_id, persons.person_id,
        deals.closed_day as date_day, deals.closed_at as converted_at, 1 as conversions,
        {{ reporting_amount('deals.amount_local', 'rates.fx_rate') }} as revenue, null as margin
    from deals
    left join persons on {{ contact_identifier('deals.source', 'deals.contact_id') }} = persons.identifier
    left join rates on deals.currency = rates.currency and deals.date_day = rates.date_day
    where deals.is_won and deals.closed_at is not null
),

final as (
    select
        {{ wide_hash("conversion_type || ':' || source || ':' || conversion_id") }} as conversion_key,
        conversion_type,
        source,
        conversion_id,
        person_id,
        date_day,
        converted_at,
        case conversion_type
            {%- for type in ('first_order', 'repeat_order', 'lead', 'won_deal', 'contact_origin') %}
                when '{{ type }}' then {{ instant_before('converted_at', window_days(type)) }}
            {%- endfor %}
        end as touches_from,
        -- Before the KPI days no touches are loaded; contacts ask for those that are.
        conversion_type = 'contact_origin' or (date_day >= {{ kpi_start() }} and date_day <= {{ mart_date() }})
            as is_attributed,
        conversions,
        cast(revenue as decimal(38, 10)) as revenue,
        cast(margin as decimal(38, 10)) as margin
    from unioned
)

select * from final
