{# Google reports a campaign's present name for every day that is read, so days landed before a renaming still bear
   the former one: the name of the newest day is the name. #}
{% macro todays_name(name, ids) -%}
    first_value({{ name }}) over (partition by {{ ids }} order by date_day desc)
{%- endmacro %}
