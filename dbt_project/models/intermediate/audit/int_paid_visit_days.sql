-- Visits by paid channels, with the campaign that their utm_campaign names, or why it names none. Only channels that
-- have both spend and visits, since nothing else can be matched, and visits of others that name a campaign of these.
with visits as (
    select * from {{ ref('int_paid_visits') }}
),

campaign_keys as (
    select * from {{ ref('int_campaign_key_periods') }}
),

spellings as (
    select * from {{ ref('int_campaign_spellings') }}
),

keys_of_any_channel as (
    select distinct campaign_key from campaign_keys
),

final as (
    select
        visits.date_day, visits.channel, visits.utm_campaign,
        coalesce(campaign_keys.source, '(none)') as source,
        coalesce(campaign_keys.platform, '(none)') as platform,
        coalesce(campaign_keys.account_id, '(none)') as account_id,
        coalesce(campaign_keys.campaign_id, '(none)') as campaign_id,
        case
            when spellings.spelling is not null then null
            when campaign_keys.campaign_id is not null then 'naming_deviation'
            when visits.campaign_key = '' then 'no_campaign'
            when keys_of_any_channel.campaign_key is not null then 'other_channel'
            else 'unknown_campaign'
        end as finding,
        visits.sessions
    from visits
    left join campaign_keys
        on visits.channel = campaign_keys.channel
        and visits.campaign_key = campaign_keys.campaign_key
        and visits.date_day >= campaign_keys.valid_from
        and visits.date_day <= campaign_keys.valid_until
    left join spellings
        on campaign_keys.channel = spellings.channel
        and campaign_keys.source = spellings.source
        and campaign_keys.platform = spellings.platform
        and campaign_keys.account_id = spellings.account_id
        and campaign_keys.campaign_id = spellings.campaign_id
        and visits.utm_campaign = spellings.spelling
    left join keys_of_any_channel on visits.campaign_key = keys_of_any_channel.campaign_key
    where visits.has_spend or keys_of_any_channel.campaign_key is not null
)

select * from final
