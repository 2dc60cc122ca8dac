-- What a day adds to a segment and takes from it: the periods that begin on it less those that ended the day before.
with periods as (
    select * from {{ ref('int_segment_periods') }}
),

sides as (
    select 'begins' as side, 1 as sign
    union all
    select 'ends' as side, -1 as sign
),

changes as (
    select
        case when sides.side = 'begins' then periods.first_day else {{ days_after('periods.last_day', 1) }} end
            as date_day,
        periods.segment,
        sides.sign as customers,
        sides.sign * periods.purchases_to_date as purchases,
        sides.sign * periods.net_revenue_to_date as net_revenue,
        sides.sign * {{ days_between(kpi_start(), 'periods.last_purchase_day') }} as last_purchase
    from periods
    cross join sides
),

final as (
    select
        date_day, segment,
        cast(sum(customers) as bigint) as customers,
        cast(sum(purchases) as bigint) as purchases,
        cast(sum(net_revenue) as decimal(38, 10)) as net_revenue,
        cast(sum(last_purchase) as bigint) as last_purchase
    from changes
    group by date_day, segment
)

select * from final
