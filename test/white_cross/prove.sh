#!/bin/sh
# test/white_cross/prove.sh: proves the example project with plain psql and
# pg_dump, without the extension.
#
# Usage: prove.sh [--bindir DIR]
#
# Connects as psql would (PGHOST, PGPORT, PGUSER, ...).  Works in a scratch
# database of its own and drops it afterwards.  Started by a superuser, it does
# the work as a role without any privilege but owning that database.
#
# One line for each check; the exit status is 0 only if all are ok.

# Lists of names are split at spaces on purpose: names have none.
# shellcheck disable=SC2046,SC2086,SC2012

set -u

here=$(cd "$(dirname "$0")" && pwd) || exit 2
bindir=
while [ $# -gt 0 ]; do
	case $1 in
		--bindir) [ $# -gt 1 ] || { echo "--bindir needs a folder" >&2; exit 2; }
			bindir=$2/; shift ;;
		--bindir=*) bindir=${1#--bindir=}/ ;;
		-h|--help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit 0 ;;
		*) echo "unknown option: $1 (try --help)" >&2; exit 2 ;;
	esac
	shift
done

scratch=white_cross_prove_$$
admin_db=${PGDATABASE:-postgres}
caller_options=${PGOPTIONS:-}
work=$(mktemp -d) || exit 2
checks=0
failures=0
role=
PGCLIENTENCODING=UTF8
export PGCLIENTENCODING

# ---------------------------------------------------------------------------
# Talking to the server
# ---------------------------------------------------------------------------

# As the caller, outside the scratch database.
admin()
{
	PGOPTIONS="$caller_options -c client_min_messages=warning" \
		"${bindir}psql" -XqAt -v ON_ERROR_STOP=1 -d "$admin_db" "$@"
}

# In the scratch database, as its owner, in the environment of a migration.
in_scratch()
{
	program=$1; shift
	PGOPTIONS="-c client_min_messages=warning -c search_path=public,pg_temp ${role:+-c role=$role}" \
		"${bindir}$program" -d "$scratch" "$@"
}

run_sql()
{
	in_scratch psql -XqAt -v ON_ERROR_STOP=1 "$@"
}

# A new, empty scratch database.
reset_scratch()
{
	admin -c "DROP DATABASE IF EXISTS $scratch" \
		-c "CREATE DATABASE $scratch ${role:+OWNER $role}
			TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER libc" ||
		{ echo "could not create the scratch database" >&2; exit 2; }
}

clean_up()
{
	admin -c "DROP DATABASE IF EXISTS $scratch" >/dev/null 2>&1
	[ -z "$role" ] || admin -c "DROP ROLE IF EXISTS $role" >/dev/null 2>&1
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' HUP INT TERM

# dump NAME: the schema exactly, the rows in any order.
dump()
{
	in_scratch pg_dump --schema-only $restrict_key >"$work/$1.schema" 2>>"$work/log" &&
	in_scratch pg_dump --data-only --column-inserts $restrict_key \
		2>>"$work/log" >"$work/$1.unsorted" &&
	LC_ALL=C sort "$work/$1.unsorted" >"$work/$1.data"
}

# ---------------------------------------------------------------------------
# Reporting
# ---------------------------------------------------------------------------

# check "what is claimed" command...: ok if the command succeeds.
check()
{
	claim=$1; shift
	checks=$((checks + 1))
	: >"$work/log"
	if "$@" >>"$work/log" 2>&1; then
		echo "ok $checks - $claim"
	else
		failures=$((failures + 1))
		echo "not ok $checks - $claim"
		sed 's/^/#   /' "$work/log" | head -n 40
	fi
}

same()
{
	diff "$work/$1.schema" "$work/$2.schema" &&
	diff "$work/$1.data" "$work/$2.data"
}

same_schema()
{
	diff "$work/$1.schema" "$work/$2.schema"
}

different()
{
	! cmp -s "$work/$1.schema" "$work/$2.schema" ||
	! cmp -s "$work/$1.data" "$work/$2.data"
}

# is EXPECTED QUERY
is()
{
	found=$(run_sql -c "$2") || return 1
	[ "$found" = "$1" ] || { echo "expected $1, found $found"; return 1; }
}

# ---------------------------------------------------------------------------
# The migrations and their order
# ---------------------------------------------------------------------------

folder=$here/migrations

dependencies_of()
{
	sed -n 's/^-- depends-on: *//p' "$folder/$1.up.sql" | tr ',' ' '
}

# Dependencies first, then by name: again and again the first name of which
# nothing is left to wait for.
order_of_all()
{
	left=$(cd "$folder" && LC_ALL=C ls | sed -n 's/\.up\.sql$//p')
	done_names=" "
	while [ -n "$left" ]; do
		next=
		for name in $left; do
			ready=yes
			for needed in $(dependencies_of "$name"); do
				case $done_names in *" $needed "*) ;; *) ready= ;; esac
			done
			[ -z "$ready" ] || { next=$name; break; }
		done
		[ -n "$next" ] || { echo "missing dependency or cycle" >&2; return 1; }
		echo "$next"
		done_names="$done_names$next "
		left=$(for name in $left; do [ "$name" = "$next" ] || echo "$name"; done)
	done
}

reversed()
{
	for name in "$@"; do echo "$name"; done | sed '1!G;h;$!d'
}

# All that a migration needs, in order, without itself.
needed_by()
{
	wanted=" $1 "
	for name in $(reversed $order); do
		case $wanted in
			*" $name "*) wanted="$wanted$(dependencies_of "$name" | tr -s ' ') " ;;
		esac
	done
	for name in $order; do
		[ "$name" = "$1" ] && continue
		case $wanted in *" $name "*) echo "$name" ;; esac
	done
}

# Statement by statement, as plain psql does it.
up()
{
	run_sql -f "$folder/$1.up.sql" >/dev/null
}

down()
{
	run_sql -f "$folder/$1.down.sql" >/dev/null
}

# Many at once in one transaction, as a migration runner does it.
in_one_transaction()
(
	direction=$1; shift
	cd "$folder" || exit 1
	for name; do
		shift
		set -- "$@" -f "$name.$direction.sql"
	done
	run_sql --single-transaction "$@" >/dev/null
)

every_migration_has_both()
{
	for file in "$folder"/*; do
		case $file in
			*.up.sql) [ -s "${file%.up.sql}.down.sql" ] ;;
			*.down.sql) [ -s "${file%.down.sql}.up.sql" ] ;;
			*) false ;;
		esac || { echo "alone: $file"; return 1; }
	done
}

no_text_that_cannot_run_inside()
{
	! grep -nE '^[[:space:]]*\\|^[[:space:]]*(BEGIN|COMMIT|ROLLBACK)[[:space:]]*;|CONCURRENTLY' \
		"$folder"/*.sql
}

# ---------------------------------------------------------------------------

server=$(admin -c 'SHOW server_version') || exit 2
echo "# PostgreSQL $server"
if [ "$(admin -c 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')" = t ]; then
	admin -c "CREATE ROLE $scratch" && role=$scratch
fi
restrict_key=
if "${bindir}pg_dump" --help | grep -q -e --restrict-key; then
	restrict_key=--restrict-key=x
fi

order=$(order_of_all) || exit 2
set -- $order
check "there are nine migrations" [ $# -eq 9 ]
check "every migration has an up and a down" every_migration_has_both
check "no psql command, transaction control or CONCURRENTLY" \
	no_text_that_cannot_run_inside

# Each migration alone, on top of what it needs ------------------------------

for migration in $order; do
	reset_scratch
	for name in $(needed_by "$migration"); do
		up "$name" || exit 2
	done
	dump before || exit 2
	check "$migration: up" up "$migration"
	dump after
	check "$migration: up does something" different before after
	check "$migration: up again" up "$migration"
	dump twice
	check "$migration: up again changes nothing" same after twice
	check "$migration: down" down "$migration"
	dump reverted
	check "$migration: down leaves the dump as before" same before reverted
	check "$migration: down again" down "$migration"
	dump reverted
	check "$migration: down again changes nothing" same before reverted
	check "$migration: up after down" up "$migration"
	dump twice
	check "$migration: up after down makes the same schema" \
		same_schema after twice
done

# The whole chain -----------------------------------------------------------

reset_scratch
dump empty || exit 2
check "chain: up in one transaction" in_one_transaction up $order
dump full
check "chain: up again" in_one_transaction up $order
dump twice
check "chain: up again changes nothing" same full twice

check "chain: 20 or more foreign keys" is t \
	"SELECT count(*) >= 20 FROM pg_constraint WHERE contype = 'f'"
check "chain: every foreign key has its ON DELETE and ON UPDATE" is 0 \
	"SELECT count(*) FROM pg_constraint WHERE contype = 'f'
		AND (confdeltype = 'a' OR confupdtype = 'a')"
check "chain: every foreign key is the beginning of an index" is 0 \
	"SELECT count(*) FROM pg_constraint c WHERE contype = 'f' AND NOT EXISTS (
		SELECT FROM pg_index i WHERE i.indrelid = c.conrelid
		AND i.indpred IS NULL AND i.indkey[0] = c.conkey[1])"
check "chain: 40 or more performance indexes" is t \
	"SELECT count(*) >= 40 FROM pg_class
		WHERE relkind = 'i' AND relname = ANY (ARRAY[$(
			sed -n "s/^CREATE INDEX IF NOT EXISTS \([a-z_]*\).*/'\1'/p" \
				"$folder/20251011000000-performance-indexes.up.sql" |
			paste -sd, -)])"
check "chain: every table has a primary key and a comment" is 0 \
	"SELECT count(*) FROM pg_class t WHERE relkind = 'r'
		AND relnamespace = 'public'::regnamespace
		AND (obj_description(oid, 'pg_class') IS NULL OR NOT EXISTS (
			SELECT FROM pg_constraint WHERE conrelid = t.oid AND contype = 'p'))"
check "chain: there are full-text indexes" is t \
	"SELECT count(*) > 0 FROM pg_class
		WHERE relkind = 'i' AND pg_get_indexdef(oid) LIKE '%gin (to_tsvector%'"

check "chain: down in one transaction" \
	in_one_transaction down $(reversed $order)
dump reverted
check "chain: down leaves the dump as before" same empty reverted
check "chain: no type or function is left" is 0 \
	"SELECT (SELECT count(*) FROM pg_type
			WHERE typnamespace = 'public'::regnamespace)
		+ (SELECT count(*) FROM pg_proc
			WHERE pronamespace = 'public'::regnamespace)"
check "chain: down again" in_one_transaction down $(reversed $order)
dump reverted
check "chain: down again changes nothing" same empty reverted
check "chain: up after down" in_one_transaction up $order
dump twice
check "chain: up after down makes the same schema" same_schema full twice

# Legacy data, with something to take over ----------------------------------

legacy=20251103000000-migrate-legacy-data
reset_scratch
for name in $order; do
	[ "$name" = $legacy ] || up "$name" || exit 2
done
check "legacy: sample rows" \
	run_sql -f "$here/present_sample.sql" -f "$here/legacy_sample.sql"
dump before
check "legacy: up" in_one_transaction up $legacy
dump after
check "legacy: three students are new, two were here" is "3,2" \
	"SELECT count(*) FILTER (WHERE action = 'inserted') || ',' ||
		count(*) FILTER (WHERE action <> 'inserted')
		FROM legacy_import_row WHERE target_table = 'students'"
check "legacy: the gap in one of them is filled" is "C-4 N-17" \
	"SELECT string_agg(medical_record_num, ' ' ORDER BY student_number)
		FROM students WHERE student_number IN ('2001', '2002')"
check "legacy: rows arrived in every table" is "2 3 5 5 4 4 2 2 1" \
	"SELECT concat_ws(' ',
		(SELECT count(*) FROM districts), (SELECT count(*) FROM schools),
		(SELECT count(*) FROM students),
		(SELECT count(*) FROM emergency_contacts),
		(SELECT count(*) FROM allergies), (SELECT count(*) FROM vaccinations),
		(SELECT count(*) FROM incident_reports),
		(SELECT count(*) FROM system_configurations),
		(SELECT count(*) FROM users))"
check "legacy: times are read in the school's zone" is "2023-09-14 14:25:00" \
	"SELECT occurred_at AT TIME ZONE 'UTC' FROM incident_reports
		WHERE location = 'playground'"
check "legacy: what cannot be read is listed" is t \
	"SELECT count(*) >= 8 FROM legacy_import_issue"
check "legacy: up again" in_one_transaction up $legacy
dump twice
check "legacy: up again changes nothing" same after twice
check "legacy: down" in_one_transaction down $legacy
dump reverted
check "legacy: down leaves schema and rows as before" same before reverted

refuses_down()
{
	! in_one_transaction down $legacy && dump twice && same after twice
}

up $legacy
run_sql -c "INSERT INTO emergency_contacts
	(student_id, full_name, relationship, phone)
	SELECT id, 'Zoe Able', 'sister', '5550100009'
	FROM students WHERE student_number = '1001'"
dump after
check "legacy: down refuses to take later rows along" refuses_down
run_sql -c "DELETE FROM emergency_contacts WHERE full_name = 'Zoe Able'"
check "legacy: down once they are gone" in_one_transaction down $legacy
dump reverted
check "legacy: schema and rows are as before again" same before reverted

echo "# $checks checks, $failures failed"
[ $failures -eq 0 ]
