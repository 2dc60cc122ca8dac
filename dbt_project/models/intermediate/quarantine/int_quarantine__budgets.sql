-- Budgets that can't be right; what somebody took back since, by giving its key again with amount 0, asks for nothing
-- more. A campaign is looked for only in months that ad days were read for: one of next month
-- may not have begun, one of years ago is not loaded.
with budgets as (
    select * from {{ ref('stg_files__budgets') }}
),

channels as (
    select * from {{ ref('dim_channel') }}
),

campaigns as (
    select distinct channel, campaign_id from {{ ref('int_campaign_ad_days') }}
),

judged as (
    select
        budgets.month, budgets.channel, budgets.campaign_id, budgets.amount,
        nullif(budgets.currency, '') as currency,
        channels.channel is null as is_channel_unknown,
        budgets.campaign_id <> ''
        and campaigns.campaign_id is null
        and budgets.month <= {{ mart_date() }}
        and last_day(budgets.month) >= {{ kpi_start() }} as is_campaign_unknown
    from budgets
    left join channels on budgets.channel = channels.channel
    left join campaigns
        on budgets.channel = campaigns.channel and budgets.campaign_id = campaigns.campaign_id
),

named as (
    select
        *,
        case
            when extract(day from month) <> 1 then 'month_not_first_day'
            when is_channel_unknown then 'unknown_channel'
            when is_campaign_unknown then 'unknown_campaign'
            when currency is null then 'missing_currency'
        end as fault
    from judged
),

final as (
    select
        'files' as source,
        'budgets' as stream,
        {{ row_key(['month', 'channel', 'campaign_id']) }} as row_key,
        month as date_day,
        case when amount = 0 then 'taken_back' else fault end as reason,
        currency,
        {{ local_amount('amount') }} as amount_local,
        {{ json_row(['month', 'channel', 'campaign_id', 'amount', 'currency']) }} as row_json
    from named
    where fault is not null
)

select * from final
