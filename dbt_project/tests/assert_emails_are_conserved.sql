-- Catches messages and what became of them lost or doubled between the landing and fct_email_sends (a join to names,
-- messages or rates that drops or repeats rows); what is in quarantine is in no fact. Returns the sums that differ.
-- Opens and clicks are those of messages whose sending landed: the first days also tell of earlier ones.
with events as (
    select * from {{ ref('stg_hubspot__email_events') }}
    where is_counted and {{ reporting_day('occurred_at') }} <= {{ mart_date() }}
),

sent as (
    select event_id from events where event_type = 'sent'
),

quarantined as (
    select * from {{ ref('quarantine') }}
    where stream = 'email_campaigns'
),

file_sends as (
    select * from {{ ref('stg_files__email_campaigns') }}
    where
        {{ reporting_day('sent_at') }} <= {{ mart_date() }}
        and {{ row_key(['campaign_id', 'sent_at']) }} not in (select quarantined.row_key from quarantined)
),

landed as (
    select 'hubspot' as source, 'messages' as what, count(*) as value from sent
    union all
    select 'hubspot' as source, event_type as what, count(*) as value
    from events
    where event_type in ('open', 'click') and sent_event_id in (select sent.event_id from sent)
    group by event_type
    union all
    select 'files' as source, 'messages' as what, sum(recipients) as value from file_sends
    union all
    select 'files' as source, 'delivered' as what, sum(delivered) as value from file_sends
    union all
    select 'files' as source, 'revenue ' || currency as what, sum(revenue) as value from file_sends group by currency
),

told as (
    select source, 'messages' as what, sum(recipients) as value from {{ ref('fct_email_sends') }} group by source
    union all
    select 'hubspot' as source, 'open' as what, sum(total_opens) as value from {{ ref('fct_email_sends') }}
    union all
    select 'hubspot' as source, 'click' as what, sum(total_clicks) as value from {{ ref('fct_email_sends') }}
    union all
    select 'files' as source, 'delivered' as what, sum(delivered) as value
    from {{ ref('fct_email_sends') }}
    where source = 'files'
    union all
    select 'files' as source, 'revenue ' || currency as what, sum(revenue_local) as value
    from {{ ref('fct_email_sends') }}
    where source = 'files'
    group by currency
)

select
    coalesce(landed.source, told.source) as source, coalesce(landed.what, told.what) as what,
    landed.value as landed_value, told.value as told_value
from landed
full outer join told on landed.source = told.source and landed.what = told.what
where coalesce(landed.value, 0) <> coalesce(told.value, 0)
