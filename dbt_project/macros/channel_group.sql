{#
    The channel of a visit. Rules of config/mart.yml first (first match wins), then the default channel group of
    Google Analytics 4 as of 2026-05: Analytics Help, "[GA4] Default channel group"
    (https://support.google.com/analytics/answer/9756891), in the page's order. Its definitions ignore case, so do
    these. `category` is the source's category in the seed source_categories, null where it has none.
#}
{% macro channel_group(source, medium, campaign, category) -%}
    {%- set source = "lower(coalesce(" ~ source ~ ", ''))" -%}
    {%- set medium = "lower(coalesce(" ~ medium ~ ", ''))" -%}
    {%- set campaign = "lower(coalesce(" ~ campaign ~ ", ''))" -%}
    {%- set is_paid = full_match(medium, '.*cp.*|ppc|retargeting|paid.*') -%}
    {%- set is_shop_campaign = full_match(campaign, '.*(([^a-df-z]|^)shop|shopping).*') -%}
    case
        {{ config_channel_branches(source, medium, campaign) }}
        -- "Source exactly matches (direct) AND Medium is one of (not set), (none)". Trackers leave both empty,
        -- Shopify writes "direct".
        when {{ source }} in ('', 'direct', '(direct)') and {{ medium }} in ('', '(none)', '(not set)') then 'Direct'
        -- "Campaign Name contains cross-network"
        when {{ campaign }} like '%cross-network%' then 'Cross-network'
        -- "(Source matches a list of shopping sites OR Campaign Name matches …shop…) AND Medium is paid"
        when ({{ category }} = 'shopping' or {{ is_shop_campaign }}) and {{ is_paid }} then 'Paid Shopping'
        -- "Source matches a list of search (social, video) sites AND Medium is paid"
        when {{ category }} = 'search' and {{ is_paid }} then 'Paid Search'
        when {{ category }} = 'social' and {{ is_paid }} then 'Paid Social'
        when {{ category }} = 'video' and {{ is_paid }} then 'Paid Video'
        -- "Medium is one of display, banner, expandable, interstitial, cpm". The page has Display ahead of Paid
        -- Other, which alone would take cpm.
        when {{ medium }} in ('display', 'banner', 'expandable', 'interstitial', 'cpm') then 'Display'
        -- "Medium matches regex ^(.*cp.*|ppc|retargeting|paid.*)$"
        when {{ is_paid }} then 'Paid Other'
        -- "Source matches a list of shopping sites OR Campaign name matches …shop…"
        when {{ category }} = 'shopping' or {{ is_shop_campaign }} then 'Organic Shopping'
        -- "Source matches a list of social sites OR Medium is one of social, social-network, …"
        when
            {{ category }} = 'social'
            or {{ medium }} in ('social', 'social-network', 'social-media', 'sm', 'social network', 'social media')
            then 'Organic Social'
        -- "Source matches a list of video sites OR Medium matches regex ^(.*video.*)$"
        when {{ category }} = 'video' or {{ medium }} like '%video%' then 'Organic Video'
        -- "What's new in Google Analytics", 2026-05-13: a recognised assistant's visits get Medium ai-assistant.
        -- Trackers that don't rewrite the medium show the assistant as a referrer.
        when
            {{ medium }} = 'ai-assistant'
            or ({{ category }} = 'ai_assistant' and {{ medium }} in ('', '(none)', '(not set)', 'referral'))
            then 'AI Assistant'
        -- "Source matches a list of search sites OR Medium exactly matches organic"
        when {{ category }} = 'search' or {{ medium }} = 'organic' then 'Organic Search'
        -- "Medium is one of referral, app, link"
        when {{ medium }} in ('referral', 'app', 'link') then 'Referral'
        -- "Source (OR Medium) = email|e-mail|e_mail|e mail"
        when {{ full_match(source, 'e[-_ ]?mail') }} or {{ full_match(medium, 'e[-_ ]?mail') }} then 'Email'
        -- "Medium = affiliate"
        when {{ medium }} = 'affiliate' then 'Affiliates'
        -- "Medium exactly matches audio"
        when {{ medium }} = 'audio' then 'Audio'
        -- "Source exactly matches sms OR Medium exactly matches sms"
        when {{ source }} = 'sms' or {{ medium }} = 'sms' then 'SMS'
        -- "Medium ends with push OR Medium contains mobile or notification OR Source exactly matches firebase"
        when
            {{ medium }} like '%push' or {{ medium }} like '%mobile%' or {{ medium }} like '%notification%'
            or {{ source }} = 'firebase'
            then 'Mobile Push Notifications'
        else 'Unassigned'
    end
{%- endmacro %}

{#
    The `when … then` branches of the rules in config/mart.yml: regular expressions, full match, case ignored; a
    part that the rule does not name matches anything, a missing value matches as ''.
#}
{% macro config_channel_branches(source, medium, campaign) -%}
    {%- set parts = {'source': source, 'medium': medium, 'campaign': campaign} -%}
    {%- for rule in var('channel_rules') %}
        when true
            {%- for part, pattern in rule.items() if part != 'channel' %}
            {%- if part not in parts %}
                {{ exceptions.raise_compiler_error("channel rule for " ~ rule.channel ~ ": unknown part " ~ part) }}
            {%- endif %}
            and {{ full_match(parts[part], pattern) }}
            {%- endfor %}
            then '{{ rule.channel | replace("'", "''") }}'
    {%- endfor %}
{%- endmacro %}

{#
    The channel of a campaign's spend: the rules of config (source is the platform, medium the campaign's type),
    then what the row says, then the platform and the type of campaign.
    `platform_channel` is the platform's channel in the seed ad_platforms, null where it has none.
#}
{% macro spend_channel(platform, campaign_type, campaign_name, row_channel, platform_channel) -%}
    case
        {{ config_channel_branches(platform, campaign_type, campaign_name) }}
        when {{ row_channel }} <> '' then {{ row_channel }}
        when {{ campaign_type }} = 'search' then 'Paid Search'
        when {{ campaign_type }} in ('performance_max', 'demand_gen') then 'Cross-network'
        else coalesce({{ platform_channel }}, 'Paid Other')
    end
{%- endmacro %}
