#!/bin/sh
# Run by the postgres image when it makes an empty database: the role that Keywork signs in as owns its database and
# no more, and an empty one in which backups are tried. It is no superuser, so it reads no files and runs no programs of
# the server.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set password="$KEYWORK_DB_PASSWORD" <<'SQL'
create role keywork login nosuperuser nocreatedb nocreaterole password :'password';
create database keywork owner keywork;
revoke connect on database keywork from public;
create database keywork_drill owner keywork;
revoke connect on database keywork_drill from public;
SQL
