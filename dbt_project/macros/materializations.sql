{#
    A candidate begins empty and nobody reads it before it is whole. So a table or view is made under its own name: dbt's
    own materialisations make it beside the old one, rename it and drop what was before, two more statements of each
    node. Contracts are enforced in `create_table_as`. What a person's earlier run by hand left is dropped.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {% set table = this.incorporate(type='table') %}
    {% do drop_what_was_left() %}
    {% call statement('main', language=model['language']) -%}
        {{ create_table_as(false, table, compiled_code, model['language']) }}
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [table]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {% set view = this.incorporate(type='view') %}
    {% do drop_what_was_left() %}
    {% call statement('main') -%}
        {{ get_create_view_as_sql(view, sql) }}
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [view]}) }}
{% endmaterialization %}

{% macro drop_what_was_left() -%}
    {% set left = load_cached_relation(this) %}
    {% if left is not none %}
        {% do adapter.drop_relation(left) %}
    {% endif %}
{%- endmacro %}
