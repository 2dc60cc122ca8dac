-- The campaign that a utm_campaign means on a day: within a channel, what is surer before what is less sure. Of several
-- campaigns of one name (one that moved to another account goes on there under a new id) each holds from the first day
-- that it was seen until the next one's; the first holds for all days before too, the last for all days after.
with spellings as (
    select * from {{ ref('int_campaign_spellings') }}
),

sureness as (
    select channel, campaign_key, min(preference) as preference
    from spellings
    group by channel, campaign_key
),

campaigns as (
    select
        spellings.channel, spellings.campaign_key,
        spellings.source, spellings.platform, spellings.account_id, spellings.campaign_id,
        min(spellings.first_day) as first_day, max(spellings.last_day) as last_day
    from spellings
    inner join sureness
        on spellings.channel = sureness.channel
        and spellings.campaign_key = sureness.campaign_key
        and spellings.preference = sureness.preference
    group by
        spellings.channel, spellings.campaign_key,
        spellings.source, spellings.platform, spellings.account_id, spellings.campaign_id
),

-- Of those that begin on the same day the one that lasts longest.
ranked as (
    select
        *,
        row_number() over (
            partition by channel, campaign_key, first_day
            order by last_day desc, source, platform, account_id, campaign_id
        ) as choice
    from campaigns
),

ordered as (
    select
        *,
        lag(first_day) over (partition by channel, campaign_key order by first_day) as previous_first_day,
        lead(first_day) over (partition by channel, campaign_key order by first_day) as next_first_day
    from ranked
    where choice = 1
),

-- Open ends are days here, not conditions of the join: over columns of both sides those would make it a nested loop.
final as (
    select
        channel, campaign_key, source, platform, account_id, campaign_id,
        case when previous_first_day is null then cast('0001-01-01' as date) else first_day end as valid_from,
        coalesce({{ days_after('next_first_day', -1) }}, cast('9999-12-31' as date)) as valid_until
    from ordered
)

select * from final
