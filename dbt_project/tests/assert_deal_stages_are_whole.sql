-- Catches stage entries lost, doubled or out of order: every deal of fct_deals is in one stage now, the stages before
-- it follow one another without a gap, and each entry that HubSpot tells stands once.
with stages as (
    select * from {{ ref('fct_deal_stages') }}
),

by_deal as (
    select
        source, deal_id,
        count(*) as entries,
        sum(case when is_history_told then 1 else 0 end) as entries_told,
        max(stage_number) as last_number,
        sum(case when is_current then 1 else 0 end) as current_stages,
        sum(case when left_at < entered_at then 1 else 0 end) as backwards
    from stages
    group by source, deal_id
),

landed as (
    select deal_id, count(*) as entries
    from {{ ref('stg_hubspot__deal_stages') }}
    where {{ reporting_day('entered_at') }} <= {{ mart_date() }}
    group by deal_id
)

select deals.source, deals.deal_id, by_deal.entries, landed.entries as landed_entries
from {{ ref('fct_deals') }} as deals
left join by_deal on deals.source = by_deal.source and deals.deal_id = by_deal.deal_id
left join landed on deals.source = 'hubspot' and deals.deal_id = landed.deal_id
where
    by_deal.deal_id is null
    or by_deal.current_stages <> 1
    or by_deal.last_number <> by_deal.entries
    or by_deal.backwards > 0
    or by_deal.entries_told <> coalesce(landed.entries, 0)
