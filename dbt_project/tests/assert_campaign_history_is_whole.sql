-- Catches periods of dim_campaign that overlap or run backwards, so that a day would have two names, and a place in
-- the hierarchy with two current rows or none although nothing moved away.
with periods as (
    select
        *,
        lead(valid_from) over (
            partition by source, platform, account_id, campaign_id, ad_group_id, ad_id order by valid_from
        ) as next_from
    from {{ ref('dim_campaign') }}
)

select source, platform, account_id, campaign_id, ad_group_id, ad_id, valid_from, valid_to, next_from
from periods
where
    valid_to < valid_from
    or (next_from is not null and (valid_to is null or valid_to >= next_from))
    or is_current <> (valid_to is null)
    or (is_current and next_from is not null)
