{# Everything about an ad that a new row of dim_campaign is opened for, as one text. #}
{% macro dim_campaign_state() -%}
    concat_ws(
        '|', account_name, currency, campaign_name, coalesce(campaign_type, ''), channel, ad_group_name, ad_name
    )
{%- endmacro %}
