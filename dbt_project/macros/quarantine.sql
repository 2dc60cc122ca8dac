{# A row's key within its stream as one text, by which facts leave out what is in quarantine. #}
{% macro row_key(columns) -%}
    concat_ws('|', {% for column in columns %}cast({{ column }} as varchar){{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
