-- "If you define multiple tracking templates at different levels, the most specific template is used. The keyword
-- tracking template is the most specific followed by the ad, ad group, campaign, then account."
-- (https://support.google.com/google-ads/answer/7197008) Suffixes: "The suffixes at lower levels override suffixes
-- from higher up." (https://support.google.com/sa360/answer/9246757) Of a template only what it adds to the landing
-- page's own URL is of use here: what another server on the way appends is not known.
with source as (
    select * from {{ source('landed', 'google_ads__ads') }}
),

most_specific as (
    select
        account_id, campaign_id, ad_group_id, ad_id, ad_status, final_urls,
        coalesce(
            nullif(ad_url_suffix, ''), nullif(ad_group_url_suffix, ''), nullif(campaign_url_suffix, ''),
            nullif(account_url_suffix, '')
        ) as url_suffix,
        coalesce(
            nullif(ad_url_template, ''), nullif(ad_group_url_template, ''), nullif(campaign_url_template, ''),
            nullif(account_url_template, '')
        ) as url_template
    from source
),

final as (
    select
        account_id,
        campaign_id,
        ad_group_id,
        ad_id,
        lower(ad_status) as status,
        final_urls as urls,
        nullif(concat_ws('&', url_suffix, {{ landing_page_parameters('url_template') }}), '') as url_parameters
    from most_specific
)

select * from final
