-- Waivers: by function, bound to a text and on record, and in the text itself.
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
CREATE TABLE waive_visit (id integer, name text);
INSERT INTO waive_visit SELECT i, 'x' FROM generate_series(1, 2000) AS i;
ANALYZE waive_visit;
SET hipaa_migrate.busy_table = 2147483647;
CREATE ROLE regress_waive_author LOGIN;
CREATE ROLE regress_waive_approver LOGIN;
CREATE ROLE regress_waive_operator LOGIN;
CREATE ROLE regress_waive_nobody LOGIN;
SELECT migrate_grant('author', 'regress_waive_author');
SELECT migrate_grant('approver', 'regress_waive_approver');
SELECT migrate_grant('operator', 'regress_waive_operator');

-- The rules that the cases below are about.
CREATE FUNCTION findings(migration text)
    RETURNS TABLE (no integer, line integer, severity text, rule text, waived_by text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.line, l.severity, l.rule, l.waived_by FROM migrate_lint(migration) AS l
    WHERE l.rule IN ('index-not-concurrent', 'explicit-lock-table', 'waiver-unused') $$;
CREATE FUNCTION findings_of(sql text, rules text DEFAULT 'all')
    RETURNS TABLE (no integer, line integer, rule text, waived_by text, message text)
    LANGUAGE sql AS
$$ SELECT l.statement_no, l.line, l.rule, l.waived_by,
          CASE l.rule WHEN 'waiver-unused' THEN l.message END FROM migrate_lint_sql(sql, rules => rules) AS l
    WHERE l.rule IN ('index-not-concurrent', 'explicit-lock-table', 'waiver-unused') $$;

-- Author, approver and nobody else; a rule that exists, a reason, once.
\c - regress_waive_author
SET client_min_messages = warning;
SELECT outcome FROM migrate_register('20250101000000-waive-index',
    'CREATE INDEX ON waive_visit (id); LOCK TABLE waive_visit', down => 'SELECT 1');
SELECT migrate_waive('20250101000000-waive-index', 'index-not-concurent', 'small');
SELECT migrate_waive('20250101000000-waive-index', 'index-not-concurrent', ' ');
SELECT migrate_waive('20250101000000-waive-index');
SELECT migrate_waive('20250101000009-absent', 'index-not-concurrent', 'small');
SELECT migrate_waive('20250101000000-waive-index', 'index-not-concurrent', 'the table is small') > 0 AS given;
\c - regress_waive_operator
SELECT migrate_waive('20250101000000-waive-index', 'explicit-lock-table', 'small');
SELECT migrate_waive_end(1, 'small');
\c - regress_waive_nobody
SELECT * FROM hipaa_migrate.waiver_list;
SELECT * FROM hipaa_migrate.waiver;
\c - regress_waive_approver
SET client_min_messages = warning;
SELECT migrate_waive('20250101000000-waive-index', 'explicit-lock-table', 'nobody is there at night') > 0 AS given;
SELECT status, migration, rule, given_by, by_author, reason FROM hipaa_migrate.waiver_list WHERE migration LIKE '%waive%';

-- The findings stay, and say who waived them.
\c - :superuser
SET client_min_messages = warning;
SET hipaa_migrate.busy_table = 2147483647;
SELECT * FROM findings('20250101000000-waive-index');
-- The table is written by nobody else.
DELETE FROM hipaa_migrate.waiver;
-- The same rule in another migration is not waived.
SELECT outcome FROM migrate_register('20250101000001-waive-other', 'CREATE INDEX ON waive_visit (name)', down => 'SELECT 1');
SELECT * FROM findings('20250101000001-waive-other');
-- A waiver that is taken back waives nothing any more.
SELECT migrate_waive_end(waiver_id, 'there are nurses at night')
  FROM hipaa_migrate.waiver_list WHERE rule = 'explicit-lock-table' AND migration LIKE '%waive%';
SELECT * FROM findings('20250101000000-waive-index');
SELECT migrate_waive_end(-1, 'there is none');
SELECT migrate_waive_end(NULL, 'there is none');
-- One that waives nothing is a finding itself.
SELECT migrate_waive('20250101000001-waive-other', 'explicit-lock-table', 'it locks nothing') > 0 AS given;
SELECT * FROM findings('20250101000001-waive-other');
-- Another revision is another text: nothing of it is waived, until it is the
-- first text again.
SELECT outcome FROM migrate_register('20250101000000-waive-index',
    'CREATE INDEX ON waive_visit (id);', down => 'SELECT 2');
SELECT * FROM findings('20250101000000-waive-index');
SELECT status, migration, rule, nullif(given_by, current_user) AS given_by, ended_by = current_user AS ended_by_me, end_reason FROM hipaa_migrate.waiver_list WHERE migration LIKE '%waive%';
-- All of it is on record.
SELECT event, nullif(actor, current_user) AS actor, migration, rule, reason FROM hipaa_migrate.audit_log WHERE event LIKE 'waiver.%' AND migration LIKE '%waive%' ORDER BY event_id;

-- In the text: directly before the statement, in it, or behind it.
SELECT * FROM findings_of('-- waive: index-not-concurrent the table is small
CREATE INDEX ON waive_visit (id);
CREATE INDEX ON waive_visit (name);');
SELECT * FROM findings_of('CREATE INDEX ON waive_visit (id); -- waive: index-not-concurrent small
CREATE INDEX ON waive_visit
    -- WAIVE: index-not-concurrent small
    (name);');
-- For the whole text: with a blank line behind it, or at the end.
SELECT * FROM findings_of('-- waive: index-not-concurrent small

CREATE INDEX ON waive_visit (id);
CREATE INDEX ON waive_visit (name);
LOCK TABLE waive_visit;
-- waive: explicit-lock-table nobody is there');
-- What only looks like one: in a string, in a block comment, in a longer word.
SELECT * FROM findings_of('/* waive: index-not-concurrent small */
CREATE INDEX ON waive_visit (id);
SELECT ''
-- waive: index-not-concurrent small
'' -- we waived: index-not-concurrent');
-- What does not work is told: no such rule, no reason, nothing to waive here.
SELECT * FROM findings_of('-- waive: index-not-concurent small
-- waive: index-not-concurrent
-- waive: explicit-lock-table it locks nothing
-- waive:
CREATE INDEX ON waive_visit (id);');
-- By the text alone, nobody knows what the catalogs would say.
SELECT * FROM findings_of('-- waive: explicit-lock-table it locks nothing
SELECT 1', 'text');

SELECT count(migrate_unregister(m, 'end of the test'))
  FROM unnest('{20250101000000-waive-index,20250101000001-waive-other}'::text[]) AS m;
SELECT status, migration, rule FROM hipaa_migrate.waiver_list WHERE migration LIKE '%waive%';
SELECT migrate_revoke('author', 'regress_waive_author');
SELECT migrate_revoke('approver', 'regress_waive_approver');
SELECT migrate_revoke('operator', 'regress_waive_operator');
DROP ROLE regress_waive_author, regress_waive_approver, regress_waive_operator, regress_waive_nobody;
DROP FUNCTION findings(text), findings_of(text, text);
DROP TABLE waive_visit;
