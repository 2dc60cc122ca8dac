-- A view: its many rows are written once, as fct_ad_days, and its wide names, as dim_ad_state.
{{ config(materialized='view') }}

with reported as (
    select * from {{ ref('int_ad_days_reported') }}
),

campaign_gaps as (
    select * from {{ ref('int_ad_days_campaign_gaps') }}
),

account_gaps as (
    select * from {{ ref('int_ad_days_account_gaps') }}
),

unioned as (
    select * from reported
    union all
    select * from campaign_gaps
    union all
    select * from account_gaps
),

final as (
    select
        source, platform, date_day, account_id, account_name, currency,
        campaign_id, campaign_name, campaign_type, row_channel,
        ad_group_id, ad_group_name, ad_id, ad_name, impressions, clicks, spend_local
    from unioned
)

select * from final
