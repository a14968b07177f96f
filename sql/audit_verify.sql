--
-- audit_verify: the record recomputed.  What is done to a record that can be
-- tampered with is in test/tap/tamper.pl.
--
SELECT current_user AS superuser \gset
CREATE ROLE verify_auditor LOGIN;
CREATE ROLE verify_nobody LOGIN;

-- Fifty events in two blocks, and what is not sealed.
DO $$
BEGIN
    FOR n IN 1..25 LOOP
        PERFORM migrate_grant('approver', 'verify_nobody'),
                migrate_revoke('approver', 'verify_nobody');
    END LOOP;
END $$;
SELECT outcome FROM audit_seal();
SELECT migrate_grant('auditor', 'verify_auditor');
SELECT outcome FROM audit_seal();

-- Every check passes, and has looked at something.
SELECT check_name, outcome, checked > 0 AS any, failures, first_event
  FROM audit_verify();
SELECT check_name, outcome, failures
  FROM audit_verify(audit_digest(), report => 'all') WHERE check_name = 'digest';

-- With workers the same is counted as without.
SET min_parallel_table_scan_size = 0;
SET max_parallel_maintenance_workers = 0;
CREATE TEMPORARY TABLE alone AS SELECT * FROM audit_verify();
SET max_parallel_maintenance_workers = 2;
CREATE TEMPORARY TABLE together AS SELECT * FROM audit_verify();
SELECT check_name, a.outcome, t.outcome, t.failures
  FROM alone AS a JOIN together AS t USING (check_name)
 WHERE a.outcome <> t.outcome OR a.checked > t.checked;
RESET min_parallel_table_scan_size;
RESET max_parallel_maintenance_workers;

-- Since a moment: what was sealed before it is trusted, not hashed again.
SELECT a.checked > 50 AS everything, s.checked < 50 AS recent, i.outcome AS index
  FROM audit_verify() AS a, audit_verify(since => now() + interval '1 day') AS s,
       audit_verify(since => now()) AS i
 WHERE a.check_name = 'event' AND s.check_name = 'event' AND i.check_name = 'index';

-- A digest of another record, and what is no digest.
SELECT outcome, failures
  FROM audit_verify(jsonb_set(audit_digest(), '{root}', to_jsonb(repeat('0', 64))))
 WHERE check_name = 'digest';
SELECT outcome, message LIKE '%was handed out and is not in the record' AS absent
  FROM audit_verify(jsonb_set(jsonb_set(audit_digest(), '{block}', '1000000'), '{lsn}', '"0/1"'))
 WHERE check_name = 'digest';
SELECT outcome, message LIKE 'an older copy of the data directory was put back%' AS older
  FROM audit_verify(jsonb_set(jsonb_set(audit_digest(), '{block}', '1000000'), '{lsn}', '"FFFF/0"'))
 WHERE check_name = 'digest';
SELECT outcome, message LIKE '%on timeline 77, which this server never was on' AS elsewhere
  FROM audit_verify(jsonb_set(jsonb_set(audit_digest(), '{block}', '1000000'), '{timeline}', '77'))
 WHERE check_name = 'digest';
SELECT * FROM audit_verify('{}');
SELECT * FROM audit_verify('{"lsn": "nowhere"}');

-- It writes nothing: it can be asked in a read-only transaction.
BEGIN TRANSACTION READ ONLY;
SELECT count(*) FROM audit_verify() WHERE outcome = 'failed';
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT count(*) FROM audit_verify() WHERE outcome = 'failed';
COMMIT;

-- One's own events count, although nobody else sees them yet.
BEGIN;
SELECT migrate_grant('approver', 'verify_nobody');
SELECT count(*) FROM audit_verify() WHERE outcome = 'failed';
ROLLBACK;

-- Values that stand outside of the table, or are compressed in it.
SELECT outcome FROM migrate_register('20990101000000-wide', (
    SELECT 'CREATE TABLE verify_wide (' || string_agg('c' || md5(n::text) || ' integer', ', ') || ')'
      FROM generate_series(1, 150) AS n), 'DROP TABLE verify_wide');
SELECT outcome FROM migrate_register('20990101000001-long', (
    SELECT 'CREATE TABLE verify_long (' || string_agg('a_column_' || n || ' integer', ', ') || ')'
      FROM generate_series(1, 250) AS n), 'DROP TABLE verify_long');
SET client_min_messages = warning;
SELECT count(*) FROM migrate_up();
SELECT outcome FROM audit_seal();
SELECT pg_relation_size(reltoastrelid) > 0 AS external
  FROM pg_class WHERE oid = 'hipaa_migrate.audit_event'::regclass;
SELECT count(*) > 0 AS compressed
  FROM hipaa_migrate.audit_event WHERE pg_column_compression(statement) IS NOT NULL;
SELECT check_name, message FROM audit_verify() WHERE outcome = 'failed';
SELECT count(*) FROM migrate_down('20990101000001-long', reason => 'test');
SELECT count(*) FROM migrate_down('20990101000000-wide', reason => 'test');
SELECT migrate_unregister('20990101000001-long', 'test'), migrate_unregister('20990101000000-wide', 'test');

-- What else is a report.
SELECT * FROM audit_verify(report => 'some');

-- It takes the capability auditor.
\c - verify_auditor
SELECT count(*) FROM audit_verify() WHERE outcome = 'failed';
\c - verify_nobody
SELECT count(*) FROM audit_verify();
\c - :superuser
SELECT migrate_revoke('auditor', 'verify_auditor');
DROP ROLE verify_auditor, verify_nobody;
