-- Budgets that can be right. A month is due once it has begun, and as far back as ads are loaded: before that no rate
-- of its first day can be asked for.
with budgets as (
    select * from {{ ref('stg_files__budgets') }}
),

quarantined as (
    select * from {{ ref('int_quarantine__budgets') }}
),

final as (
    select
        'files' as source,
        budgets.month,
        budgets.channel,
        coalesce(nullif(budgets.campaign_id, ''), '(all)') as campaign_id,
        budgets.currency,
        {{ local_amount('budgets.amount') }} as amount_local,
        budgets.month <= {{ mart_date() }} and last_day(budgets.month) >= {{ kpi_start() }} as is_due
    from budgets
    left join quarantined
        on {{ row_key(['budgets.month', 'budgets.channel', 'budgets.campaign_id']) }} = quarantined.row_key
    where quarantined.row_key is null
)

select * from final
