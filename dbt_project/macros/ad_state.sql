{# All that tells one state of an ad from another: what a platform says of it beside the day's numbers. #}
{% macro ad_state_texts() -%}
    {{ return([
        'source', 'platform', 'account_id', 'account_name', 'currency', 'campaign_id', 'campaign_name',
        'campaign_type', 'row_channel', 'ad_group_id', 'ad_group_name', 'ad_id', 'ad_name'
    ]) }}
{%- endmacro %}

{# They as one text; a missing one is not the empty one. #}
{% macro ad_state_text(relation) -%}
    concat_ws(chr(31)
    {%- for text in ad_state_texts() %}, coalesce({{ relation }}.{{ text }}, chr(30)){% endfor %})
{%- endmacro %}

{# Whether a row says all of this of an ad, missing texts included. #}
{% macro is_ad_state(relation, states) -%}
    {%- for text in ad_state_texts() -%}
        {{ ' and ' if not loop.first }}{{ relation }}.{{ text }} is not distinct from {{ states }}.{{ text }}
    {%- endfor -%}
{%- endmacro %}
