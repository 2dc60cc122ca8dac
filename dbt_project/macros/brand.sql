{#
    Whether a search term names the brand: one of `brand_terms` stands in it as whole words, in this order and side by
    side. Null where no term is configured. `words` is what words() makes of the search term; a configured term without
    a letter or a digit names nothing.
#}
{% macro is_brand(words) -%}
    {%- set terms = var('brand_terms') -%}
    {%- if not terms -%}
    cast(null as boolean)
    {%- else -%}
    (
        {%- for term in terms %}
        {%- set wanted = words_of_text(term) %}
        {{ 'or ' if not loop.first }}({{ wanted }} <> '  ' and {{ words }} like concat('%', {{ wanted }}, '%'))
        {%- endfor %}
    )
    {%- endif -%}
{%- endmacro %}

{# words() of a text from the configuration. #}
{% macro words_of_text(text) -%}
    {%- set quoted = "'" ~ (text | replace("'", "''")) ~ "'" -%}
    {{ words(quoted) }}
{%- endmacro %}

{# A measure of searches for the brand: unknown where no brand term is configured. #}
{% macro if_brand_is_known(measure) -%}
    {{ measure if var('brand_terms') else 'cast(null as bigint)' }}
{%- endmacro %}
