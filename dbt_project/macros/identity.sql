{#
    A record's identifier in the graph of persons (int_persons): the shop's customer id where there is one (one
    namespace over all shops), else the email, else the record by itself.
#}
{% macro person_identifier(customer_id, email_hash, otherwise='null') -%}
    coalesce('customer:' || {{ customer_id }}, 'email:' || {{ email_hash }}, {{ otherwise }})
{%- endmacro %}

{# A CRM contact's identifier in the graph of persons. #}
{% macro contact_identifier(source, contact_id) -%}
    'contact:' || {{ source }} || ':' || {{ contact_id }}
{%- endmacro %}
