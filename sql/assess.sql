-- Privacy assessments: what a migration means for health information.
SELECT current_user AS superuser, current_date AS began \gset
SET client_min_messages = warning;
CREATE ROLE regress_assess_author LOGIN;
CREATE ROLE regress_assess_privacy LOGIN;
CREATE ROLE regress_assess_operator LOGIN;
CREATE ROLE regress_assess_nobody LOGIN;
CREATE ROLE regress_assess_second LOGIN;
SELECT migrate_grant('author', 'regress_assess_author');
SELECT migrate_grant('approver', 'regress_assess_privacy');
SELECT migrate_grant('operator', 'regress_assess_operator');
SELECT migrate_grant('auditor', 'regress_assess_second');

-- Those of this test, without numbers and moments.
CREATE VIEW assess_seen AS
    SELECT status, migration, assessor, assessed_on BETWEEN :'began' AND current_date AS today, purpose, data, safeguards, recorded_by
      FROM hipaa_migrate.assessment_list WHERE migration LIKE '%assess%' ORDER BY assessment_id;
GRANT SELECT ON assess_seen TO PUBLIC;

-- The author puts one in: all three texts, of a migration that is there, by
-- today at the latest.
\c - regress_assess_author
SET client_min_messages = warning;
SELECT outcome FROM migrate_register('20250101000000-assess-notes',
    'CREATE TABLE assess_note (id integer)', down => 'DROP TABLE assess_note');
SELECT migrate_assess(NULL, 'to chart', 'notes of visits', 'row security');
SELECT migrate_assess('20250101000000-assess-notes');
SELECT migrate_assess('20250101000000-assess-notes', 'to chart', E' \n', 'row security');
SELECT migrate_assess('20250101000000-assess-notes', 'to chart', 'notes of visits');
SELECT migrate_assess('20250101000000-assess-notes', 'to chart', 'notes of visits', 'row security', '');
SELECT migrate_assess('20250101000000-assess-notes', 'to chart', 'notes of visits', 'row security', assessed_on => current_date + 2);
SELECT migrate_assess('20250101000000-assess-notes', 'to chart', 'notes of visits', 'row security', assessed_on => 'infinity');
SELECT migrate_assess('20250101000009-assess-absent', 'to chart', 'notes of visits', 'row security');
SELECT migrate_assess('20250101000000-assess-notes', 'to chart', 'notes of visits', 'row security') > 0 AS given;

-- So does an approver, and says who judged and when; the later one counts.
\c - regress_assess_privacy
SET client_min_messages = warning;
SELECT migrate_assess('20250101000000-assess-notes', 'to chart visits', 'notes of visits', 'row security, audit',
    'Grace Hopper', '2025-01-31') > 0 AS given;
SELECT * FROM assess_seen;

-- Nobody else does, and without a capability nobody reads them.
\c - regress_assess_operator
SELECT migrate_assess('20250101000000-assess-notes', 'to chart', 'notes of visits', 'row security');
SELECT count(*) FROM assess_seen;
\c - regress_assess_nobody
SELECT migrate_assess('20250101000000-assess-notes', 'to chart', 'notes of visits', 'row security');
SELECT * FROM hipaa_migrate.assessment_list;
SELECT * FROM hipaa_migrate.assessment;

-- A function of somebody else lends no capability.
\c - :superuser
SET client_min_messages = warning;
CREATE FUNCTION assess_borrowed() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS
$$ SELECT migrate_assess('20250101000000-assess-notes', 'to chart', 'notes of visits', 'row security') $$;
\c - regress_assess_nobody
SELECT assess_borrowed();
\c - :superuser
SET client_min_messages = warning;


-- The table is written by nobody else.
UPDATE hipaa_migrate.assessment SET purpose = 'another';
-- Nothing runs in a read-only transaction.
BEGIN READ ONLY;
SELECT migrate_assess('20250101000000-assess-notes', 'to chart', 'notes of visits', 'row security');
ROLLBACK;

-- The record has hashes of the texts, and the texts are not in it.
SELECT e.migration, nullif(e.actor, current_user) AS actor, e.details ->> 'assessor' AS assessor, e.details ->> 'assessed_on' = to_char(a.assessed_on, 'YYYY-MM-DD') AS same_day,
       e.details ->> 'purpose_hash' = encode(sha256(convert_to(a.purpose, 'UTF8')), 'hex') AS purpose,
       e.details ->> 'data_hash' = encode(sha256(convert_to(a.data, 'UTF8')), 'hex') AS data,
       e.details ->> 'safeguards_hash' = encode(sha256(convert_to(a.safeguards, 'UTF8')), 'hex') AS safeguards,
       e.details ->> 'checksum' = encode(r.checksum, 'hex') AS checksum
  FROM (SELECT migration, actor, event_id, details::jsonb AS details
          FROM hipaa_migrate.audit_event WHERE kind = 'assessment.given') AS e
  JOIN hipaa_migrate.assessment AS a ON a.assessment_id = (e.details ->> 'assessment_id')::bigint
  JOIN hipaa_migrate.migration_revision AS r USING (migration_id)
 WHERE e.migration LIKE '%assess%' ORDER BY e.event_id;
SELECT count(*) AS with_a_text FROM hipaa_migrate.audit_event AS e
 WHERE kind = 'assessment.given' AND e::text ~ 'chart|notes of|row security';

-- Another text needs another assessment; the first text has its own again.
SELECT outcome FROM migrate_register('20250101000000-assess-notes',
    'CREATE TABLE assess_note (id integer, note text)', down => 'DROP TABLE assess_note');
SELECT status, assessor FROM assess_seen;
SELECT outcome FROM migrate_register('20250101000000-assess-notes',
    'CREATE TABLE assess_note (id integer)', down => 'DROP TABLE assess_note');
SELECT status, assessor FROM assess_seen;

-- Where the policy asks for it, who signs for privacy signs the assessment that
-- is there: none without one, and another for what comes in its place.
SET client_min_messages = error;
SELECT DISTINCT migrate_set_policy(r, 'assessment', '{"when": "always", "roles": ["regress_assess_privacy"]}', 'always') IS NULL AS done
  FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r;
\c - regress_assess_author
SET client_min_messages = warning;
SELECT outcome FROM migrate_register('20250101000001-assess-signed', 'CREATE TABLE assess_signed (id integer)', down => 'DROP TABLE assess_signed');
SELECT checksum, still_missing FROM migrate_submit('{20250101000001-assess-signed}', 'to chart') \gset
SELECT string_to_table(:'still_missing', '; ') AS still_missing;
\c - regress_assess_privacy
SELECT migration FROM migrate_queue();
SELECT risk FROM migrate_approve('20250101000001-assess-signed', :'checksum', 'privacy');
\echo :LAST_ERROR_SQLSTATE
\c - regress_assess_author
SELECT migrate_assess('20250101000001-assess-signed', 'purpose', 'data', 'safeguards') > 0 AS given;
\c - regress_assess_privacy
SELECT migration, wanted FROM migrate_queue();
SELECT still_missing FROM migrate_approve('20250101000001-assess-signed', :'checksum', 'privacy');
\c - regress_assess_author
SELECT migrate_assess('20250101000001-assess-signed', 'another purpose', 'more data', 'safeguards') > 0 AS given;
\c - regress_assess_privacy
SELECT migration, wanted FROM migrate_queue();
-- One that has come after the review was not seen.
SELECT section, item, value FROM migrate_review('20250101000001-assess-signed') WHERE section = 'assessment' AND item <> 'assessed by';
SELECT migrate_assess('20250101000001-assess-signed', 'a third purpose', 'more data', 'safeguards') > 0 AS given;
SELECT still_missing FROM migrate_approve('20250101000001-assess-signed', :'checksum', 'privacy');
SELECT count(*) > 0 AS seen FROM migrate_review('20250101000001-assess-signed');
SELECT still_missing FROM migrate_approve('20250101000001-assess-signed', :'checksum', 'privacy');
-- The record says which.
SELECT s.purpose FROM hipaa_migrate.approval_list AS l
  JOIN hipaa_migrate.assessment_list AS s USING (assessment_id, migration)
 WHERE l.migration = '20250101000001-assess-signed' ORDER BY l.approval_id;
\c - :superuser
SET client_min_messages = error;
SELECT s.purpose, e.details::json ->> 'meaning' AS meaning FROM hipaa_migrate.audit_event AS e
  JOIN hipaa_migrate.assessment AS s ON s.assessment_id = (e.details::json ->> 'assessment_id')::bigint
 WHERE e.kind = 'approval.given' AND e.migration = '20250101000001-assess-signed' ORDER BY e.event_id;
SELECT migrate_use_policy('none', 'end of the test') IS NULL AS done;
SELECT migrate_unregister('20250101000001-assess-signed', 'end of the test');
SET client_min_messages = warning;

-- What somebody has written into it that should not stand there goes with the
-- event, by two people; the other assessment stays as it is.
SELECT audit_seal() IS NOT NULL AS sealed;
SELECT audit_redact((SELECT min(event_id) FROM hipaa_migrate.audit_event WHERE kind = 'assessment.given' AND migration LIKE '%assess-notes'),
    'a name in the purpose') AS act \gset
\c - regress_assess_second
SELECT act, outcome FROM migrate_confirm(:act, 'seen');
\c - :superuser
SET client_min_messages = warning;
SELECT status, assessor, purpose, data, safeguards FROM assess_seen;

SELECT migrate_unregister('20250101000000-assess-notes', 'end of the test');
SELECT status, assessor FROM assess_seen;
SELECT migrate_revoke('author', 'regress_assess_author');
SELECT migrate_revoke('approver', 'regress_assess_privacy');
SELECT migrate_revoke('operator', 'regress_assess_operator');
SELECT migrate_revoke('auditor', 'regress_assess_second');
DROP VIEW assess_seen;
DROP FUNCTION assess_borrowed();
DROP ROLE regress_assess_author, regress_assess_privacy, regress_assess_operator, regress_assess_nobody,
    regress_assess_second;
