#!/bin/sh
# Runs once, when the volume of Postgres is made: Airflow's role owns its own database and nothing else.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv password AIRFLOW_DB_PASSWORD
create role airflow login nosuperuser nocreatedb nocreaterole noreplication password :'password';
create database airflow owner airflow;
revoke all on database airflow, postgres, template1 from public;
SQL
