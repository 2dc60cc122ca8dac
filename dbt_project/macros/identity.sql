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

{# What an order says of its buyer, of columns order_id, customer_id, email_hash and phone_hash. #}
{% macro order_identifiers(source) -%}
    {%- set order = "'order:' || " ~ source ~ " || ':' || order_id" -%}
    {%- set customer = linkable("'customer:' || customer_id", 'customer', [order]) -%}
    {{ order }} as order_identifier,
    {{ customer }} as customer_identifier,
    {{ linkable("'email:' || email_hash", 'email', [order, "'customer:' || customer_id"]) }} as email_identifier,
    {{ linkable("'phone:' || phone_hash", 'phone', [order, "'customer:' || customer_id"]) }} as phone_identifier
{%- endmacro %}

{#
    An identifier, but null where `never_link` of the configuration takes out the link that it is one end of: it names
    one of `ends` and that kind of link.
#}
{% macro linkable(identifier, kind, ends) -%}
    {%- set named = [] -%}
    {%- for link in var('never_link') if kind in link.by -%}
        {%- do named.append("'" ~ link.identifier | replace("'", "''") ~ "'") -%}
    {%- endfor -%}
    {%- if named -%}
    case
        {%- for end in ends %}
        when {{ end }} in ({{ named | join(', ') }}) then null
        {%- endfor %}
        else {{ identifier }}
    end
    {%- else -%}
    {{ identifier }}
    {%- endif -%}
{%- endmacro %}

{# The visitor id that may be linked with an identifier of that kind; null where configuration takes the link out. #}
{% macro visitor_link(visitor, identifier, kind) -%}
    {{ linkable(linkable(visitor, 'visitor', [identifier]), kind, [visitor]) }}
{%- endmacro %}

{# The id of a person of whom nothing but this identifier is known. #}
{% macro lone_person(identifier) -%}
    md5({{ identifier }})
{%- endmacro %}
