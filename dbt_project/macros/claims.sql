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
