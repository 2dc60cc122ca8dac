-- Deals that can't be right. A close told by its day alone is the midnight, in UTC or in the reporting zone, that the
-- day of the creation began with: that is before the creation, and right.
with hubspot_deals as (
    select * from {{ ref('stg_hubspot__deals') }}
    where not is_archived
),

file_deals as (
    select * from {{ ref('stg_files__deals') }}
),

unioned as (
    select 'hubspot' as source, deal_id, created_at, closed_at, stage, is_won, amount, currency from hubspot_deals
    union all
    select 'files' as source, deal_id, created_at, closed_at, stage, is_won, amount, currency from file_deals
),

judged as (
    select
        *,
        closed_at < created_at
        and closed_at not in (
            {{ start_of_day('created_at', 'UTC') }}, {{ start_of_day('created_at', var('reporting_timezone')) }}
        ) as is_closed_before_created
    from unioned
    where {{ reporting_day('created_at') }} <= {{ mart_date() }}
),

named as (
    select
        *,
        case
            when is_closed_before_created and is_won then 'won_before_created'
            when is_closed_before_created then 'closed_before_created'
            when currency is null and amount is not null then 'missing_currency'
        end as reason
    from judged
),

final as (
    select
        source,
        'deals' as stream,
        deal_id as row_key,
        {{ reporting_day('created_at') }} as date_day,
        reason,
        currency,
        {{ local_amount('amount') }} as amount_local,
        {{ json_row(['deal_id', 'created_at', 'closed_at', 'stage', 'is_won', 'amount', 'currency']) }} as row_json
    from named
    where reason is not null
)

select * from final
