{#
    True for the one type and window of conversions by which a platform is held to its word (var declared_claims):
    types and windows nest, so no other may be added to it. A file has one type only.
#}
{% macro is_declared_claim(source, conversion_type, attribution_window) -%}
    case {{ source }}
        {%- for name, claim in var('declared_claims').items() %}
        when '{{ name }}'
            then {{ conversion_type }} = '{{ claim.conversion_type }}'
                and {{ attribution_window }} = '{{ claim.attribution_window }}'
        {%- endfor %}
        {%- if 'files' not in var('declared_claims') %}
        when 'files' then true
        {%- endif %}
        else false
    end
{%- endmacro %}

{#
    What a claim is held against: the shop's orders for purchases, the CRM's leads for leads. The names are the
    platforms' own: Google's conversion categories (PURCHASE, SUBMIT_LEAD_FORM, QUALIFIED_LEAD …,
    https://developers.google.com/google-ads/api/reference/rpc/latest/ConversionActionCategoryEnum.ConversionActionCategory),
    Meta's action types (omni_purchase, lead, onsite_conversion.lead_grouped …,
    https://developers.facebook.com/docs/marketing-api/reference/ads-action-stats/). Null for what has no truth here,
    such as a page view.
#}
{% macro truth_of_claim(conversion_type) -%}
    case
        when {{ conversion_type }} like '%purchase%' then 'orders'
        when {{ conversion_type }} like '%lead%' then 'leads'
        -- A file's conversions have no type.
        when {{ conversion_type }} = 'conversion' then 'orders'
    end
{%- endmacro %}
