{#
    What DuckDB and Spark write differently, one macro each. `default__` is DuckDB's; another engine adds its own
    `<engine>__` beside it.
#}

{# The calendar day of an instant in a named zone. #}
{% macro local_day(instant, zone) %}{{ return(adapter.dispatch('local_day')(instant, zone)) }}{% endmacro %}
{% macro default__local_day(instant, zone) -%}
    {%- if zone == 'UTC' -%}
    {#- arithmetic, a fifteenth of the time that a zone's calendar takes -#}
    cast(make_timestamp(epoch_us({{ instant }})) as date)
    {%- else -%}
    cast(timezone('{{ zone }}', {{ instant }}) as date)
    {%- endif -%}
{%- endmacro %}

{# The instant at which a day begins in a named zone. #}
{% macro day_start(day, zone) %}{{ return(adapter.dispatch('day_start')(day, zone)) }}{% endmacro %}
{% macro default__day_start(day, zone) -%}
    timezone('{{ zone }}', cast({{ day }} as timestamp))
{%- endmacro %}

{# The instant at which the day of an instant began in a named zone. #}
{% macro start_of_day(instant, zone) %}{{ return(adapter.dispatch('start_of_day')(instant, zone)) }}{% endmacro %}
{% macro default__start_of_day(instant, zone) -%}
    timezone('{{ zone }}', date_trunc('day', timezone('{{ zone }}', {{ instant }})))
{%- endmacro %}

{# One row per item of a list, beside the other columns of the select; no row for an empty or missing list. #}
{% macro explode(list) %}{{ return(adapter.dispatch('explode')(list)) }}{% endmacro %}
{% macro default__explode(list) -%}
    unnest({{ list }})
{%- endmacro %}

{# True where the whole text matches, whatever its case; a missing text is the empty one. #}
{% macro full_match(text, pattern) %}{{ return(adapter.dispatch('full_match')(text, pattern)) }}{% endmacro %}
{% macro default__full_match(text, pattern) -%}
    regexp_full_match(coalesce({{ text }}, ''), '{{ pattern | replace("'", "''") }}', 'i')
{%- endmacro %}

{# What the first group of the pattern matches; null where nothing does. #}
{% macro first_match(text, pattern) %}{{ return(adapter.dispatch('first_match')(text, pattern)) }}{% endmacro %}
{% macro default__first_match(text, pattern) -%}
    nullif(regexp_extract({{ text }}, '{{ pattern | replace("'", "''") }}', 1), '')
{%- endmacro %}

{# A list of the days from `first` to `last`, both included. #}
{% macro day_series(first, last) %}{{ return(adapter.dispatch('day_series')(first, last)) }}{% endmacro %}
{% macro default__day_series(first, last) -%}
    generate_series({{ first }}, {{ last }}, interval 1 day)
{%- endmacro %}

{# A day moved by whole days (negative: back). #}
{% macro days_after(day, days) %}{{ return(adapter.dispatch('days_after')(day, days)) }}{% endmacro %}
{% macro default__days_after(day, days) -%}
    ({{ day }} + ({{ days }}))
{%- endmacro %}

{# Whole days from one day to another (negative: back). #}
{% macro days_between(first, last) %}{{ return(adapter.dispatch('days_between')(first, last)) }}{% endmacro %}
{% macro default__days_between(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}

{#
    numerator / denominator to 16 decimals, halves away from zero, for positive decimals of at most 12 decimals:
    long division in whole numbers, since engines divide decimals as floats or to a precision of their own.
#}
{% macro decimal_quotient(numerator, denominator) %}
    {{ return(adapter.dispatch('decimal_quotient')(numerator, denominator)) }}
{% endmacro %}
{% macro default__decimal_quotient(numerator, denominator) -%}
    {%- set n = "cast(" ~ numerator ~ " * 1000000000000 as hugeint)" -%}
    {%- set d = "cast(" ~ denominator ~ " * 1000000000000 as hugeint)" -%}
    (
        cast({{ n }} // {{ d }} as decimal(28, 16))
        + cast((({{ n }} % {{ d }}) * 10000000000000000 + {{ d }} // 2) // {{ d }} as decimal(20, 0))
        * cast(0.0000000000000001 as decimal(17, 16))
    )
{%- endmacro %}

{#
    An amount of at most 6 decimals and below 10^12, times a rate of 16 decimals, to 10 decimals, halves away from zero.
    `whole` is the rate in 10^-10, `rest` what is left of it in 10^-16 (both bigint; int_fx_rates has them).
    DuckDB divides 128 bits in software: a million rows took 1.4 s of a processor with two such divisions, these whole
    numbers, which need none, 0.15 s. Only the first product can be wider than 64 bits.
#}
{% macro converted_amount(amount, whole, rest) %}
    {{ return(adapter.dispatch('converted_amount')(amount, whole, rest)) }}
{% endmacro %}
{% macro default__converted_amount(amount, whole, rest) -%}
    {%- set units, millionths = default__units_of(amount), default__millionths_of(amount) -%}
    {%- set middle = "(" ~ millionths ~ " * (" ~ whole ~ " % 1000000) + " ~ units ~ " * " ~ rest ~ ")" -%}
    (
        cast(
            sign({{ amount }}) * (
                cast({{ units }} as hugeint) * {{ whole }}
                + (
                    {{ millionths }} * ({{ whole }} // 1000000)
                    + {{ middle }} // 1000000
                    + ({{ middle }} % 1000000 * 1000000 + {{ millionths }} * {{ rest }} + 500000000000) // 1000000000000
                )
            ) as decimal(28, 0)
        ) * cast(0.0000000001 as decimal(10, 10))
    )
{%- endmacro %}

{# The product of two numbers of at most 6 decimals and below 10^12, to 6 decimals, halves away from zero. #}
{% macro amount_product(one, other) %}{{ return(adapter.dispatch('amount_product')(one, other)) }}{% endmacro %}
{% macro default__amount_product(one, other) -%}
    {%- set units, millionths = default__units_of(one), default__millionths_of(one) -%}
    {%- set other_units, other_millionths = default__units_of(other), default__millionths_of(other) -%}
    (
        cast(
            sign({{ one }}) * sign({{ other }}) * (
                cast({{ units }} as hugeint) * ({{ other_units }} * 1000000 + {{ other_millionths }})
                + (
                    {{ millionths }} * {{ other_units }}
                    + ({{ millionths }} * {{ other_millionths }} + 500000) // 1000000
                )
            ) as decimal(32, 0)
        ) * cast(0.000001 as decimal(6, 6))
    )
{%- endmacro %}

{# An amount without its sign as two of DuckDB's whole numbers: its units (an error from 10^12 on), and millionths. #}
{% macro default__units_of(amount) -%}
    cast(trunc(abs(cast({{ amount }} as decimal(18, 6)))) as bigint)
{%- endmacro %}
{% macro default__millionths_of(amount) -%}
    {%- set size = "abs(cast(" ~ amount ~ " as decimal(18, 6)))" -%}
    cast(({{ size }} - trunc({{ size }})) * 1000000 as bigint)
{%- endmacro %}

{#
    A positive decimal of 16 decimals as two whole numbers: in 10^-10, and what is left of it in 10^-16.
#}
{% macro whole_of_rate(rate) %}{{ return(adapter.dispatch('whole_of_rate')(rate)) }}{% endmacro %}
{% macro default__whole_of_rate(rate) -%}
    cast(cast({{ rate }} * 10000000000000000 as hugeint) // 1000000 as bigint)
{%- endmacro %}
{% macro rest_of_rate(rate) %}{{ return(adapter.dispatch('rest_of_rate')(rate)) }}{% endmacro %}
{% macro default__rest_of_rate(rate) -%}
    cast(cast({{ rate }} * 10000000000000000 as hugeint) % 1000000 as bigint)
{%- endmacro %}

{# The JSON object (as text) of each name with the number beside it, in the order of names. #}
{% macro json_object_of(name, number) %}{{ return(adapter.dispatch('json_object_of')(name, number)) }}{% endmacro %}
{% macro default__json_object_of(name, number) -%}
    '{' || string_agg('"' || {{ name }} || '": ' || {{ number }}, ', ' order by {{ name }}) || '}'
{%- endmacro %}

{# The parts of a URL as they are written, each null where the URL has none. #}
{% macro url_base(url) %}{{ return(adapter.dispatch('url_base')(url)) }}{% endmacro %}
{% macro default__url_base(url) -%}
    nullif(regexp_extract({{ url }}, '^([^?#]*)', 1), '')
{%- endmacro %}
{% macro url_host(url) %}{{ return(adapter.dispatch('url_host')(url)) }}{% endmacro %}
{% macro default__url_host(url) -%}
    nullif(lower(regexp_extract({{ url }}, '^[^:/?#]+://(?:[^/?#@]*@)?([^/?#:]*)', 1)), '')
{%- endmacro %}
{% macro url_path(url) %}{{ return(adapter.dispatch('url_path')(url)) }}{% endmacro %}
{% macro default__url_path(url) -%}
    nullif(regexp_extract({{ url }}, '^[^:/?#]+://[^/?#]*([^?#]*)', 1), '')
{%- endmacro %}

{#
    A URL's first parameter of this name, percent-decoded, '+' being a space; what can't be decoded stays as written.
    Null where the URL has none or an empty one.
#}
{% macro url_parameter(url, name) %}{{ return(adapter.dispatch('url_parameter')(url, name)) }}{% endmacro %}
{% macro default__url_parameter(url, name) -%}
    {%- set written = "replace(regexp_extract(" ~ url ~ ", '^[^#]*?[?&]" ~ name ~ "=([^&#]*)', 1), '+', ' ')" -%}
    nullif(coalesce(try(url_decode({{ written }})), {{ written }}), '')
{%- endmacro %}

{#
    The words of a text between single spaces, one space before and behind (`' harbour pine '`), so that
    `like '% … %'` finds whole words: case, punctuation and runs of spaces don't count, an apostrophe is nothing.
    Scripts that write no spaces (Chinese, Japanese, Thai) have each character for a word.
#}
{% macro words(text) %}{{ return(adapter.dispatch('words')(text)) }}{% endmacro %}
{% macro default__words(text) -%}
    {%- set plain = "regexp_replace(lower(" ~ text ~ "), '[''’]', '', 'g')" -%}
    {%- set apart = "regexp_replace(" ~ plain ~ ", '([\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Thai}])', ' \\1 ', 'g')" -%}
    concat(' ', trim(regexp_replace({{ apart }}, '[^\p{L}\p{M}\p{N}]+', ' ', 'g')), ' ')
{%- endmacro %}

{# A number of 128 bits that stands for a text: joins and sorts by it are several times cheaper than by the text. #}
{% macro wide_hash(text) %}{{ return(adapter.dispatch('wide_hash')(text)) }}{% endmacro %}
{% macro default__wide_hash(text) -%}
    md5_number({{ text }})
{%- endmacro %}

{#
    A number of 64 bits for some columns of a row, equal where they are; where it is equal they need not be: of the keys
    of 6 million visits a twentieth share theirs with another.
#}
{% macro row_hash(columns) %}{{ return(adapter.dispatch('row_hash')(columns)) }}{% endmacro %}
{% macro default__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{# The instant so many times 24 hours earlier. #}
{% macro instant_before(instant, days) %}{{ return(adapter.dispatch('instant_before')(instant, days)) }}{% endmacro %}
{% macro default__instant_before(instant, days) -%}
    ({{ instant }} - interval '{{ 24 * days }}' hour)
{%- endmacro %}

{# Microseconds since 1970 of an instant, a whole number. #}
{% macro epoch_micros(instant) %}{{ return(adapter.dispatch('epoch_micros')(instant)) }}{% endmacro %}
{% macro default__epoch_micros(instant) -%}
    epoch_us({{ instant }})
{%- endmacro %}

{# The weekday of a day: 1 is Monday, 7 is Sunday (ISO 8601). #}
{% macro iso_weekday(day) %}{{ return(adapter.dispatch('iso_weekday')(day)) }}{% endmacro %}
{% macro default__iso_weekday(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}

{# The middle of sorted doubles, of an even number the mean of the two: the same in whatever order they came. #}
{% macro median_of(value) %}{{ return(adapter.dispatch('median_of')(value)) }}{% endmacro %}
{% macro default__median_of(value) -%}
    median(cast({{ value }} as double))
{%- endmacro %}

{# Some columns of a row as a JSON object (text) of texts, so that no decimal loses digits. #}
{% macro json_row(columns) %}{{ return(adapter.dispatch('json_row')(columns)) }}{% endmacro %}
{% macro default__json_row(columns) -%}
    cast(json_object(
        {%- for column in columns %}'{{ column }}', cast({{ column }} as varchar){{ ', ' if not loop.last }}{% endfor -%}
    ) as varchar)
{%- endmacro %}

{# The names in a JSON object (a text), as a list. #}
{% macro json_names(json) %}{{ return(adapter.dispatch('json_names')(json)) }}{% endmacro %}
{% macro default__json_names(json) -%}
    json_keys({{ json }})
{%- endmacro %}

{# The number that stands (as a text) under a name in a JSON object (a text). #}
{% macro json_number(json, name) %}{{ return(adapter.dispatch('json_number')(json, name)) }}{% endmacro %}
{% macro default__json_number(json, name) -%}
    cast(json_extract_string({{ json }}, '$."' || {{ name }} || '"') as decimal(38, 6))
{%- endmacro %}

{# The sum of a field over a list of structs; 0 for an empty or missing list. #}
{% macro list_field_sum(list, field) %}{{ return(adapter.dispatch('list_field_sum')(list, field)) }}{% endmacro %}
{% macro default__list_field_sum(list, field) -%}
    coalesce(list_sum([item.{{ field }} for item in {{ list }}]), 0)
{%- endmacro %}

{# How often the divisor goes into a whole number that is not negative. #}
{% macro whole_quotient(number, divisor) %}{{ return(adapter.dispatch('whole_quotient')(number, divisor)) }}{% endmacro %}
{% macro default__whole_quotient(number, divisor) -%}
    (({{ number }}) // ({{ divisor }}))
{%- endmacro %}

{#
    An id of 32 hexadecimal digits as a number of 128 bits, and back. Writing the persons of 6 million visits as texts
    took 3.2 s of a processor, as much as all columns of those visits do with the number.
#}
{% macro narrow_id(id) %}{{ return(adapter.dispatch('narrow_id')(id)) }}{% endmacro %}
{% macro default__narrow_id(id) -%}
    cast({{ id }} as uuid)
{%- endmacro %}
{% macro wide_id(id) %}{{ return(adapter.dispatch('wide_id')(id)) }}{% endmacro %}
{% macro default__wide_id(id) -%}
    replace(cast({{ id }} as varchar), '-', '')
{%- endmacro %}

{# A number of 64 bits that stands for a text, the same wherever and whenever it is worked out. #}
{% macro narrow_hash(text) %}{{ return(adapter.dispatch('narrow_hash')(text)) }}{% endmacro %}
{% macro default__narrow_hash(text) -%}
    md5_number_lower({{ text }})
{%- endmacro %}
