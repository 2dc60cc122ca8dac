{#
    What a Google tracking template adds to the landing page's URL: the rest of '{lpurl}?utm_source=google'. Null for a
    template that leads through another server.
#}
{% macro landing_page_parameters(template) -%}
    nullif(regexp_extract({{ template }}, '^[{](?:unescapedlpurl|lpurl)[}][?&]?(.*)$', 1), '')
{%- endmacro %}

{# A URL with further parameters behind its own, ahead of its fragment. #}
{% macro url_with(url, parameters) -%}
    regexp_extract({{ url }}, '^([^#]*)', 1)
    || case when {{ url }} like '%?%' then '&' else '?' end || coalesce({{ parameters }}, '')
{%- endmacro %}

{#
    A parameter's value with the placeholders filled in that the platform fills in with the ids of the row: Google's
    ValueTrack parameters, Meta's dynamic URL parameters. Names are not filled in: they change, and the click may have
    carried another one.
#}
{% macro with_ids(value) -%}
    {%- set ids = [
        ('{campaignid}', 'campaign_id'), ('{adgroupid}', 'ad_group_id'), ('{creative}', 'ad_id'),
        ('{{campaign.id}}', 'campaign_id'), ('{{adset.id}}', 'ad_group_id'), ('{{ad.id}}', 'ad_id'),
    ] -%}
    {%- for _ in ids %}replace({% endfor -%}
    {{ value }}
    {%- for placeholder, column in ids %}, '{{ placeholder }}', {{ column }}){% endfor -%}
{%- endmacro %}

{# The value that all rows of a group have in common (null counts as one), or '(several)'. #}
{% macro one_or_several(value) -%}
    case when count(distinct coalesce({{ value }}, '')) = 1 then max({{ value }}) else '(several)' end
{%- endmacro %}
