{#
    What a campaign's name and the utm_campaign of its links have in common: `US Search - Brand` and
    `us_search_brand` are one key. Case and separators are dropped, nothing else.
#}
{% macro campaign_key(name) -%}
    translate(lower(coalesce({{ name }}, '')), ' _-+|/.:', '')
{%- endmacro %}
