
# test/tap/lint_locks.pl
#	  Proves that migrate_locks() tells the locks that statements really take:
#	  each is executed in a transaction, and pg_locks is the judge.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::RealBin;
use HipaaMigrateTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_server('lint_locks');

# A parent and a child by inheritance, partitions with a default one, foreign
# keys to and fro, views over views, triggers, sequences.
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA other;
CREATE DOMAIN short AS text;
CREATE TABLE person (id integer PRIMARY KEY, name text, born date, code short);
CREATE TABLE visit (id serial PRIMARY KEY, person_id integer REFERENCES person, "when" date, note text, UNIQUE (note));
CREATE TABLE bill (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, visit_id integer, amount numeric,
    CONSTRAINT positive CHECK (amount > 0) NOT VALID);
CREATE TABLE loose (id integer PRIMARY KEY, visit_id integer, v text);
ALTER TABLE loose ADD CONSTRAINT loose_visit FOREIGN KEY (visit_id) REFERENCES visit NOT VALID;
CREATE TABLE animal (id integer, name text, CHECK (id > 0));
CREATE TABLE cat (lives integer) INHERITS (animal);
CREATE TABLE dog (legs integer) INHERITS (animal);
CREATE TABLE event (at date NOT NULL, what text, person_id integer REFERENCES person) PARTITION BY RANGE (at);
CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
CREATE TABLE event_rest PARTITION OF event DEFAULT;
CREATE TABLE event_3 (at date NOT NULL, what text, person_id integer);
CREATE TABLE plain (id integer NOT NULL, a text, b text);
CREATE TABLE rooms (id integer PRIMARY KEY, at date) PARTITION BY RANGE (id);
CREATE TABLE rooms_1 PARTITION OF rooms FOR VALUES FROM (1) TO (10);
CREATE TABLE beds (id integer, room integer REFERENCES rooms);
CREATE INDEX plain_a ON plain (a);
CREATE INDEX event_at ON event (at);
CREATE VIEW young AS SELECT id, name FROM person WHERE born > '2000-01-01';
CREATE VIEW young_visit AS SELECT y.name, v.note FROM young AS y JOIN visit AS v ON v.person_id = y.id;
CREATE VIEW simple AS SELECT id, a FROM plain;
CREATE MATERIALIZED VIEW counted AS SELECT person_id, count(*) FROM visit GROUP BY 1;
CREATE UNIQUE INDEX counted_key ON counted (person_id);
CREATE SEQUENCE lone;
CREATE SEQUENCE owned OWNED BY plain.id;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE INSERT ON visit FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TRIGGER touch BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE RULE quiet AS ON DELETE TO loose DO ALSO NOTIFY quiet;
CREATE POLICY own ON person USING (name = current_user);
CREATE STATISTICS related ON id, a FROM plain;
CREATE TABLE other.ward (id integer PRIMARY KEY, person_id integer REFERENCES person);
CREATE VIEW wards AS SELECT * FROM other.ward;
CREATE ROLE somebody;
INSERT INTO person VALUES (1, 'a', '2001-01-01');
INSERT INTO animal VALUES (1, 'x');

CREATE TABLE existing AS
    SELECT c.oid, format('%s.%I', c.relnamespace::regnamespace, c.relname) AS name, c.relkind AS kind
      FROM pg_class AS c
     WHERE c.relnamespace IN ('public'::regnamespace, 'other'::regnamespace) AND c.relkind <> 'c';
SQL

my @statements = split(/;\n/, <<'SQL');
CREATE TABLE t (id integer PRIMARY KEY)
CREATE TABLE t (id integer REFERENCES person, CONSTRAINT c CHECK (id > 0))
CREATE TABLE t (id integer, FOREIGN KEY (id) REFERENCES rooms)
CREATE TABLE t (LIKE person INCLUDING ALL)
CREATE TABLE t () INHERITS (animal)
CREATE TABLE t PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')
CREATE TABLE t PARTITION OF rooms FOR VALUES FROM (10) TO (20)
CREATE TABLE IF NOT EXISTS plain (id integer REFERENCES person)
CREATE TABLE t AS SELECT * FROM person
SELECT * INTO t FROM young_visit
CREATE MATERIALIZED VIEW t AS SELECT * FROM young
CREATE VIEW t AS SELECT * FROM young
CREATE OR REPLACE VIEW young AS SELECT id, name FROM person
CREATE INDEX ON plain (b)
CREATE INDEX ON event (what)
CREATE INDEX ON ONLY event (what)
CREATE UNIQUE INDEX ON animal (id)
DROP INDEX plain_a
DROP INDEX event_at
DROP TABLE plain CASCADE
DROP TABLE visit CASCADE
DROP TABLE bill
DROP TABLE loose
DROP TABLE event_1
DROP TABLE event
DROP TABLE cat
DROP TABLE animal CASCADE
DROP TABLE IF EXISTS absent
DROP VIEW young CASCADE
DROP VIEW simple
DROP MATERIALIZED VIEW counted
DROP SEQUENCE lone
DROP TRIGGER touch ON visit
DROP TRIGGER touch ON event
DROP RULE quiet ON loose
DROP POLICY own ON person
DROP DOMAIN short CASCADE
DROP FUNCTION nothing() CASCADE
ALTER TABLE plain ADD COLUMN c integer
ALTER TABLE plain ADD COLUMN c integer REFERENCES person
ALTER TABLE animal ADD COLUMN c integer
ALTER TABLE event ADD COLUMN c integer
ALTER TABLE plain DROP COLUMN b
ALTER TABLE visit DROP COLUMN person_id CASCADE
ALTER TABLE person DROP COLUMN id CASCADE
ALTER TABLE animal DROP COLUMN name
ALTER TABLE plain ALTER COLUMN a SET DEFAULT 'x'
ALTER TABLE animal ALTER COLUMN name SET DEFAULT 'x'
ALTER TABLE ONLY animal ALTER COLUMN name SET DEFAULT 'x'
ALTER TABLE plain ALTER COLUMN id DROP NOT NULL
ALTER TABLE animal ALTER COLUMN name SET NOT NULL
ALTER TABLE plain ALTER COLUMN a SET STATISTICS 500
ALTER TABLE animal ALTER COLUMN name SET STATISTICS 500
ALTER TABLE plain ALTER COLUMN a SET (n_distinct = 5)
ALTER TABLE plain ALTER COLUMN a SET STORAGE EXTERNAL
ALTER TABLE plain ALTER COLUMN a SET COMPRESSION pglz
ALTER TABLE plain ALTER COLUMN b TYPE varchar(10)
ALTER TABLE visit ALTER COLUMN id TYPE bigint
ALTER TABLE loose ALTER COLUMN visit_id TYPE bigint
ALTER TABLE animal ALTER COLUMN id TYPE bigint
ALTER TABLE plain ADD CONSTRAINT c CHECK (id > 0)
ALTER TABLE animal ADD CONSTRAINT c CHECK (id > 0)
ALTER TABLE plain ADD CONSTRAINT c CHECK (id > 0) NOT VALID
ALTER TABLE plain ADD CONSTRAINT c UNIQUE (a)
ALTER TABLE plain ADD PRIMARY KEY (id)
ALTER TABLE event ADD CONSTRAINT c UNIQUE (at)
ALTER TABLE plain ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES person
ALTER TABLE plain ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES person NOT VALID
ALTER TABLE plain ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES rooms
ALTER TABLE bill VALIDATE CONSTRAINT positive
ALTER TABLE loose VALIDATE CONSTRAINT loose_visit
ALTER TABLE loose DROP CONSTRAINT loose_visit
ALTER TABLE person DROP CONSTRAINT person_pkey CASCADE
ALTER TABLE bill DROP CONSTRAINT positive
ALTER TABLE visit ALTER CONSTRAINT visit_person_id_fkey DEFERRABLE
ALTER TABLE visit DISABLE TRIGGER touch
ALTER TABLE event DISABLE TRIGGER touch
ALTER TABLE loose DISABLE RULE quiet
ALTER TABLE visit ENABLE ROW LEVEL SECURITY
ALTER TABLE visit FORCE ROW LEVEL SECURITY
ALTER TABLE plain SET (fillfactor = 50)
ALTER TABLE plain SET (autovacuum_enabled = off)
ALTER TABLE plain CLUSTER ON plain_a
ALTER TABLE plain SET WITHOUT CLUSTER
ALTER TABLE plain SET UNLOGGED
ALTER TABLE plain REPLICA IDENTITY FULL
ALTER TABLE visit OWNER TO somebody
ALTER TABLE plain INHERIT animal_like
ALTER TABLE cat NO INHERIT animal
ALTER TABLE event ATTACH PARTITION event_3 FOR VALUES FROM ('2025-03-01') TO ('2025-04-01')
ALTER TABLE event DETACH PARTITION event_1
ALTER TABLE plain SET SCHEMA other
ALTER TABLE visit SET SCHEMA other
ALTER TABLE plain RENAME TO plain_2
ALTER TABLE plain RENAME COLUMN a TO c
ALTER TABLE animal RENAME COLUMN name TO called
ALTER TABLE bill RENAME CONSTRAINT positive TO over_zero
ALTER INDEX plain_a RENAME TO plain_b
ALTER INDEX plain_a SET (fillfactor = 50)
ALTER VIEW young RENAME TO younger
ALTER VIEW young ALTER COLUMN name SET DEFAULT 'x'
ALTER VIEW young SET (security_barrier = true)
ALTER TRIGGER touch ON visit RENAME TO touched
ALTER TRIGGER touch ON event RENAME TO touched
ALTER RULE quiet ON loose RENAME TO quieter
ALTER POLICY own ON person RENAME TO owner
ALTER POLICY own ON person USING (true)
ALTER SEQUENCE lone RESTART 5
ALTER SEQUENCE lone OWNED BY plain.id
ALTER SEQUENCE lone RENAME TO alone
ALTER DOMAIN short ADD CHECK (length(VALUE) < 100)
ALTER DOMAIN short ADD CHECK (length(VALUE) < 100) NOT VALID
ALTER DOMAIN short SET DEFAULT 'x'
CREATE SEQUENCE s OWNED BY plain.id
CREATE TRIGGER c BEFORE UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION nothing()
CREATE TRIGGER c BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION nothing()
CREATE RULE c AS ON INSERT TO plain DO ALSO INSERT INTO loose VALUES (1)
CREATE POLICY c ON plain USING (id IN (SELECT id FROM person))
CREATE STATISTICS c ON id, b FROM plain
CREATE PUBLICATION c FOR TABLE plain, animal
TRUNCATE plain
TRUNCATE animal
TRUNCATE ONLY animal
TRUNCATE event
TRUNCATE person CASCADE
TRUNCATE visit RESTART IDENTITY CASCADE
LOCK TABLE plain
LOCK TABLE animal IN SHARE MODE
LOCK TABLE young IN ROW EXCLUSIVE MODE
CLUSTER plain USING plain_a
ANALYZE plain
ANALYZE animal
REINDEX TABLE plain
REINDEX INDEX plain_a
REFRESH MATERIALIZED VIEW counted
REFRESH MATERIALIZED VIEW CONCURRENTLY counted
REFRESH MATERIALIZED VIEW counted WITH NO DATA
COMMENT ON TABLE plain IS 'x'
COMMENT ON COLUMN plain.a IS 'x'
COMMENT ON VIEW young IS 'x'
COMMENT ON CONSTRAINT positive ON bill IS 'x'
COMMENT ON INDEX plain_a IS 'x'
GRANT SELECT ON plain TO somebody
REVOKE ALL ON plain FROM somebody
INSERT INTO plain VALUES (1)
INSERT INTO plain SELECT id FROM person
INSERT INTO plain VALUES ((SELECT max(id) FROM animal))
UPDATE plain SET a = 'x' FROM young WHERE young.id = plain.id
UPDATE animal SET name = 'y'
UPDATE simple SET a = 'x'
DELETE FROM plain USING loose WHERE loose.id = plain.id
DELETE FROM event
WITH gone AS (DELETE FROM plain RETURNING id) INSERT INTO loose SELECT id FROM gone
MERGE INTO plain AS p USING person AS q ON p.id = q.id WHEN MATCHED THEN DELETE
SELECT count(*) FROM person AS p WHERE EXISTS (SELECT 1 FROM visit WHERE person_id = p.id)
SELECT * FROM person FOR UPDATE
SELECT * FROM person AS p, plain FOR SHARE OF p
SELECT * FROM (SELECT id FROM plain) AS q FOR UPDATE
WITH person AS (SELECT * FROM plain) SELECT * FROM person
SELECT * FROM young_visit
SELECT * FROM animal
SELECT * FROM ONLY animal
SELECT * FROM event
SELECT id FROM plain UNION ALL SELECT id FROM loose
COPY plain FROM PROGRAM 'true'
DECLARE c CURSOR FOR SELECT * FROM young
PREPARE c AS SELECT * FROM plain
EXPLAIN SELECT * FROM young
CREATE SCHEMA made CREATE TABLE t (id integer REFERENCES public.person) CREATE VIEW v AS SELECT * FROM public.plain
DO 'BEGIN ALTER TABLE plain ADD COLUMN c integer; PERFORM 1 FROM person; END'
DROP SCHEMA other CASCADE
SQL

@statements = map { s/;?\s*$//r } map { split /\n/ } @statements;
$node->safe_psql('postgres', 'CREATE TABLE animal_like (id integer, a text)');
$node->safe_psql('postgres', <<'SQL');
INSERT INTO existing VALUES ('animal_like'::regclass, 'public.animal_like', 'r');
SQL

# Each statement's own script: what is told, then what is so.
my $number = 0;
my $script = "\\set VERBOSITY terse\nSET client_min_messages = error;\n";

for my $statement (@statements)
{
	$number++;
	my $name = sprintf('202501010%05d-s', $number);
	$script .= <<"SQL";
SELECT 'statement $number';
SELECT 'registered' FROM migrate_register('$name', up => \$hm\$$statement\$hm\$);
SELECT 'told ' || relation || ' ' || lock_mode FROM migrate_locks('$name');
SELECT 'gone' FROM (SELECT migrate_unregister('$name', 'seen')) AS u;
BEGIN;
\\o /dev/null
$statement;
\\o
SELECT pg_catalog.format('so %s %s %s', e.name, e.kind, l.mode)
  FROM pg_catalog.pg_locks AS l JOIN hipaa_migrate_test.existing AS e ON e.oid = l.relation
 WHERE l.pid = pg_catalog.pg_backend_pid() AND l.granted;
ROLLBACK;
SQL
}
$node->safe_psql('postgres', 'CREATE SCHEMA hipaa_migrate_test; ALTER TABLE existing SET SCHEMA hipaa_migrate_test');

my ($out, $err);
$node->psql('postgres', $script, stdout => \$out, stderr => \$err, on_error_stop => 0);
is($err, '', 'every statement can be executed');

my %strength;
my @modes = ('ACCESS SHARE', 'ROW SHARE', 'ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE',
	'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE');
$strength{ $modes[$_] } = $_ for 0 .. $#modes;

# "AccessExclusiveLock" as it is written in SQL
sub mode_of
{
	my ($lock) = @_;

	$lock =~ s/Lock$//;
	$lock =~ s/(?<=[a-z])(?=[A-Z])/ /g;
	return uc $lock;
}

my (%told, %so);
my $at = 0;
for my $line (split /\n/, $out)
{
	if ($line =~ /^statement (\d+)$/) { $at = $1; }
	elsif ($line =~ /^told (?:public\.)?(\S+) (.+)$/) { $told{$at}{$1} = $2; }
	elsif ($line =~ /^so (?:public\.)?(\S+) (\S) (\S+)$/)
	{
		my ($relation, $kind, $mode) = ($1, $2, mode_of($3));

		# Indexes are told where the statement names them, and numbers
		# taken from a sequence are not.
		next if $kind =~ /[iI]/ && !exists $told{$at}{$relation};
		next if $kind eq 'S' && $strength{$mode} < $strength{'SHARE UPDATE EXCLUSIVE'};
		my $known = $so{$at}{$relation};
		$so{$at}{$relation} = $mode if !defined $known || $strength{$known} < $strength{$mode};
	}
}

sub shown
{
	my ($locks) = @_;

	return join(', ', map { "$_ $locks->{$_}" } sort keys %{ $locks // {} });
}

cmp_ok(scalar(grep { keys %{ $so{$_} // {} } } 1 .. @statements), '>=', 160, 'that many statements take locks');
for my $i (1 .. @statements)
{
	is(shown($told{$i}), shown($so{$i}), $statements[ $i - 1 ]);
}

done_testing();
