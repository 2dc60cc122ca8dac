{# Everything about an ad that a new row of dim_campaign is opened for, as one text. #}
{% macro dim_campaign_state() -%}
    concat_ws(
        '|', account_name, currency, campaign_name, coalesce(campaign_type, ''), channel, ad_group_name, ad_name
    )
{%- endmacro %}

{# What an ad row is about, wherever it hangs: the ad, or the finest part above it that the platform tells of. #}
{% macro finest_known(account_id, campaign_id, ad_group_id, ad_id) -%}
    case
        when {{ ad_id }} <> '(unallocated)' then concat('ad:', {{ ad_id }})
        when {{ ad_group_id }} <> '(unallocated)' then concat('ad_group:', {{ ad_group_id }})
        when {{ campaign_id }} <> '(unallocated)' then concat('campaign:', {{ campaign_id }})
        else concat('account:', {{ account_id }})
    end
{%- endmacro %}
