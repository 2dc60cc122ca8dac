-- Searches for the brand against all others, one row for every day between the first and the last that search terms
-- are told for. Sums first: the index divides by the mean of the 28 days before, all of which must be there.
with terms as (
    select * from {{ ref('int_search_term_days') }}
),

days as (
    select * from {{ ref('dim_date') }}
),

sums as (
    select
        date_day,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(spend) as spend,
        sum(case when is_brand then impressions else 0 end) as brand_impressions,
        sum(case when is_brand then clicks else 0 end) as brand_clicks,
        sum(case when is_brand then spend else 0 end) as brand_spend
    from terms
    group by date_day
),

span as (
    select min(date_day) as first_day, max(date_day) as last_day from sums
),

dense as (
    select
        days.date_day,
        coalesce(sums.impressions, 0) as impressions,
        coalesce(sums.clicks, 0) as clicks,
        coalesce(sums.spend, 0) as spend,
        {{ if_brand_is_known('coalesce(sums.brand_impressions, 0)') }} as brand_impressions,
        {{ if_brand_is_known('coalesce(sums.brand_clicks, 0)') }} as brand_clicks,
        {{ if_brand_is_known('coalesce(sums.brand_spend, 0)') }} as brand_spend
    from days
    inner join span on days.date_day >= span.first_day and days.date_day <= span.last_day
    left join sums on days.date_day = sums.date_day
),

with_past as (
    select
        *,
        count(*) over past as days_before,
        sum(brand_impressions) over past as brand_impressions_before
    from dense
    window past as (order by date_day rows between 28 preceding and 1 preceding)
),

final as (
    select
        date_day,
        cast(impressions as bigint) as impressions,
        cast(clicks as bigint) as clicks,
        cast(spend as decimal(38, 10)) as spend,
        cast(brand_impressions as bigint) as brand_impressions,
        cast(brand_clicks as bigint) as brand_clicks,
        cast(brand_spend as decimal(38, 10)) as brand_spend,
        cast(impressions - brand_impressions as bigint) as other_impressions,
        cast(clicks - brand_clicks as bigint) as other_clicks,
        cast(spend - brand_spend as decimal(38, 10)) as other_spend,
        {{ ratio('brand_impressions', 'impressions') }} as brand_share,
        {{ ratio('brand_clicks', 'clicks') }} as brand_click_share,
        case
            when days_before = 28 then {{ ratio('100 * 28 * brand_impressions', 'brand_impressions_before') }}
        end as brand_index
    from with_past
    where date_day >= {{ kpi_start() }}
)

select * from final
