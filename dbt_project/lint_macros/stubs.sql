{# What sqlfluff reads instead of the macros in ../macros and dbt's own: any expression will do for the rules of layout. #}
{% macro ad_state_texts() %}{{ return(['source']) }}{% endmacro %}
{% macro is_ad_state(relation=none, states=none) %}macro_value = 1{% endmacro %}
{% macro ad_state_text(relation=none) %}macro_value{% endmacro %}
{% macro campaign_key(name=none) %}macro_value{% endmacro %}
{% macro channel_group(source=none, medium=none, campaign=none, category=none) %}macro_value{% endmacro %}
{% macro config_channel_branches(source=none, medium=none, campaign=none) %}macro_value{% endmacro %}
{% macro contact_identifier(source=none, contact_id=none) %}macro_value{% endmacro %}
{% macro day_series(first=none, last=none) %}macro_value{% endmacro %}
{% macro days_after(day=none, days=none) %}macro_value{% endmacro %}
{% macro days_between(first=none, last=none) %}macro_value{% endmacro %}
{% macro decimal_quotient(numerator=none, denominator=none) %}macro_value{% endmacro %}
{% macro dim_campaign_state() %}macro_value{% endmacro %}
{% macro end_of_day(day=none) %}macro_value{% endmacro %}
{% macro explode(list=none) %}macro_value{% endmacro %}
{% macro finest_known(account_id=none, campaign_id=none, ad_group_id=none, ad_id=none) %}macro_value{% endmacro %}
{% macro from_micros(micros=none) %}macro_value{% endmacro %}
{% macro full_match(text=none, pattern=none) %}macro_value{% endmacro %}
{% macro generate_schema_name(custom_schema_name=none, node=none) %}macro_value{% endmacro %}
{% macro growth(now=none, before=none) %}macro_value{% endmacro %}
{% macro is_declared_claim(source=none, conversion_type=none, attribution_window=none) %}macro_value{% endmacro %}
{% macro json_object_of(name=none, number=none) %}macro_value{% endmacro %}
{% macro kpi_start() %}macro_value{% endmacro %}
{% macro day_start(day=none, zone=none) %}macro_value{% endmacro %}
{% macro first_match(text=none, pattern=none) %}macro_value{% endmacro %}
{% macro linkable(identifier=none, kind=none, ends=none) %}macro_value{% endmacro %}
{% macro lone_person(identifier=none) %}macro_value{% endmacro %}
{% macro order_identifiers(source=none) %}macro_value as order_identifier{% endmacro %}
{% macro up_to_mart_date(instant=none) %}macro_value = 1{% endmacro %}
{% macro visitor_link(visitor=none, identifier=none, kind=none) %}macro_value{% endmacro %}
{% macro local_amount(amount=none) %}macro_value{% endmacro %}
{% macro local_day(instant=none, zone=none) %}macro_value{% endmacro %}
{% macro mart_date() %}macro_value{% endmacro %}
{% macro measure_sum(measure=none, column=none, type=none, day=none) %}macro_value{% endmacro %}
{% macro measure_value(value=none) %}macro_value{% endmacro %}
{% macro months_between(first=none, last=none) %}macro_value{% endmacro %}
{% macro peer_rank(kpi=none, direction=none) %}macro_value{% endmacro %}
{% macro person_identifier(customer_id=none, email_hash=none, otherwise=none) %}macro_value{% endmacro %}
{% macro ratio(numerator=none, denominator=none) %}macro_value{% endmacro %}
{% macro reporting_amount(amount=none, rate=none) %}macro_value{% endmacro %}
{% macro reporting_day(instant=none) %}macro_value{% endmacro %}
{% macro spend_channel(platform=none, campaign_type=none, campaign_name=none, row_channel=none, platform_channel=none) %}macro_value{% endmacro %}
{% macro is_sampled_day(day=none) %}macro_value = 1{% endmacro %}
{% macro is_told(measure=none, day=none) %}macro_value = 1{% endmacro %}
{% macro is_known(measure=none) %}macro_value{% endmacro %}
{% macro is_among_known(measure=none) %}macro_value = 1{% endmacro %}
{% macro measure_of_day(measure=none, total=none, day=none) %}macro_value{% endmacro %}
{% macro landing_page_parameters(template=none) %}macro_value{% endmacro %}
{% macro one_or_several(value=none) %}macro_value{% endmacro %}
{% macro url_base(url=none) %}macro_value{% endmacro %}
{% macro url_host(url=none) %}macro_value{% endmacro %}
{% macro url_path(url=none) %}macro_value{% endmacro %}
{% macro with_ids(value=none) %}macro_value{% endmacro %}
{% macro url_parameter(url=none, name=none) %}macro_value{% endmacro %}
{% macro url_with(url=none, parameters=none) %}macro_value{% endmacro %}
{% macro truth_of_claim(conversion_type=none) %}macro_value{% endmacro %}
{% macro if_brand_is_known(measure=none) %}macro_value{% endmacro %}
{% macro is_brand(words=none) %}macro_value{% endmacro %}
{% macro words(text=none) %}macro_value{% endmacro %}
{% macro words_of_text(text=none) %}macro_value{% endmacro %}
{% macro amount_of(quantity=none, price=none) %}macro_value{% endmacro %}
{% macro whole_of_rate(rate=none) %}macro_value{% endmacro %}
{% macro rest_of_rate(rate=none) %}macro_value{% endmacro %}
{% macro epoch_micros(instant=none) %}macro_value{% endmacro %}
{% macro median_of(value=none) %}macro_value{% endmacro %}
{% macro week_measure(measure=none, total=none, type=none) %}macro_value{% endmacro %}
{% macro week_start(day=none) %}macro_value{% endmacro %}
{% macro iso_weekday(day=none) %}macro_value{% endmacro %}
{% macro json_row(columns=none) %}macro_value{% endmacro %}
{% macro kpi_value(kpis=none, numerator=none, denominator=none) %}macro_value{% endmacro %}
{% macro row_hash(columns=none) %}macro_value{% endmacro %}
{% macro row_key(columns=none) %}macro_value{% endmacro %}
{% macro start_of_day(instant=none, zone=none) %}macro_value{% endmacro %}
{% macro as_it_was_on(day=none) %}macro_value{% endmacro %}
{% macro finality_days(source=none, metric=none) %}macro_value{% endmacro %}
{% macro json_names(json=none) %}macro_value{% endmacro %}
{% macro json_number(json=none, name=none) %}macro_value{% endmacro %}
{% macro list_field_sum(list=none, field=none) %}macro_value{% endmacro %}
{% macro billionths(number=none) %}macro_value{% endmacro %}
{% macro credited_amount(amount=none, credit=none) %}macro_value{% endmacro %}
{% macro instant_before(instant=none, days=none) %}macro_value{% endmacro %}
{% macro known_conversion_types() %}t{% endmacro %}
{% macro path_models() %}m{% endmacro %}
{% macro whole_quotient(number=none, divisor=none) %}macro_value{% endmacro %}
{% macro wide_hash(text=none) %}macro_value{% endmacro %}
{% macro window_days(conversion_type=none) %}1{% endmacro %}
{% macro window_span(instant=none) %}macro_value{% endmacro %}
{% macro narrow_hash(text=none) %}macro_value{% endmacro %}
{% macro narrow_id(id=none) %}macro_value{% endmacro %}
{% macro touch_id(touch_type=none, source=none, event_id=none) %}macro_value{% endmacro %}
{% macro wide_id(id=none) %}macro_value{% endmacro %}
{% macro credited_revenue(revenue=none) %}macro_value{% endmacro %}
