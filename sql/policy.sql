--
-- policy: what is asked of a migration before it may run, as rows: presets,
-- single requirements, and what is wrong with values.
--
SELECT current_user AS superuser \gset
CREATE ROLE regress_policy_nobody LOGIN;
CREATE ROLE regress_policy_auditor LOGIN;
SELECT migrate_grant('auditor', 'regress_policy_auditor');
SELECT max(event_id) AS before FROM hipaa_migrate.audit_event \gset
SET timezone = 'Europe/Vienna';

-- Without rows nothing is asked.
SELECT * FROM migrate_policy();

-- A preset takes the place of everything.  Where the guard is not armed, it
-- binds nobody, and says so.
SELECT migrate_use_policy('development', 'we begin');
SET client_min_messages = error;
SELECT risk, requirement, setting FROM migrate_policy();
SELECT migrate_use_policy('hipaa', 'in production');
SELECT risk, requirement, setting FROM migrate_policy();
SELECT risk, requirement, jsonb_pretty(value) AS value FROM migrate_policy()
 WHERE requirement IN ('preset', 'approvers', 'stages', 'identity') AND risk <> 'CRITICAL';
SELECT count(*), bool_and(changed_by = :'superuser') AS by_me,
       bool_and(changed_at = date_trunc('second', changed_at)) AS to_the_second,
       bool_and(changed_at > now() - interval '1 day') AS today
  FROM migrate_policy();

-- Its windows are in the time zone of whoever uses it, by its full name.
SELECT DISTINCT w ->> 'zone' AS zone FROM migrate_policy() AS p,
       jsonb_array_elements(CASE jsonb_typeof(p.value) WHEN 'array' THEN p.value END) AS w
 WHERE p.requirement = 'windows';
SET timezone = '+05:30';
SELECT migrate_use_policy('hipaa', 'in production');
SET timezone = 'XYZ3';
SELECT migrate_use_policy('hipaa', 'in production');
SET timezone = 'america/new_york';
SELECT migrate_use_policy('hipaa', 'we have moved');
SELECT DISTINCT w ->> 'zone' AS zone FROM migrate_policy() AS p,
       jsonb_array_elements(CASE jsonb_typeof(p.value) WHEN 'array' THEN p.value END) AS w
 WHERE p.requirement = 'windows';
RESET timezone;

-- A requirement is set for one risk, or for all where it is one of all.
SELECT migrate_set_policy('low', 'approvers', '[["cto", "dba"], ["*"]]', 'two for all');
SELECT migrate_set_policy('ALL', 'identity', '{"registered": true, "authn_id": true}', 'stricter');
SELECT risk, requirement, setting, value FROM migrate_policy()
 WHERE requirement = 'identity' OR requirement = 'approvers' AND risk = 'LOW';
SELECT reason FROM hipaa_migrate.policy_requirement WHERE requirement = 'identity';
SELECT migrate_set_policy('ALL', 'approvers', '[["cto"]]', 'for all');
SELECT migrate_set_policy('HIGH', 'two_persons', 'true', 'here only');
-- Without a value it is taken away; what is not there, with a WARNING.
SELECT migrate_set_policy('LOW', 'approvers', NULL, 'nobody');
SET client_min_messages = warning;
SELECT migrate_set_policy('LOW', 'approvers', NULL, 'nobody');
SET client_min_messages = error;
SELECT risk, requirement FROM migrate_policy() WHERE requirement = 'approvers';

-- What is no requirement, risk, preset or reason.
SELECT migrate_set_policy('LOW', 'aprovers', '[["cto"]]', 'a slip');
SELECT migrate_set_policy('LOUD', 'approvers', '[["cto"]]', 'a slip');
SELECT migrate_set_policy(NULL, 'approvers', '[["cto"]]', 'a slip');
SELECT migrate_set_policy('LOW', NULL, '[["cto"]]', 'a slip');
SELECT migrate_set_policy('LOW', 'approvers', '[["cto"]]', ' ');
SELECT migrate_set_policy('LOW', 'approvers', '[["cto"]]');
SELECT migrate_set_policy('ALL', 'preset', '"hipaa"', 'a slip');
SELECT migrate_use_policy('hipa', 'a slip');
SELECT migrate_use_policy(NULL, 'a slip');
SELECT migrate_use_policy('hipaa');

-- Each value that is none of its requirement is refused, with what is wrong.
CREATE FUNCTION wrong(risk text, requirement text, VARIADIC "values" jsonb[])
    RETURNS TABLE (value jsonb, message text, detail text, hint text)
    LANGUAGE plpgsql AS $$
BEGIN
    FOREACH value IN ARRAY "values" LOOP
        BEGIN
            message := 'accepted'; detail := NULL; hint := NULL;
            PERFORM migrate_set_policy(risk, requirement, value, 'a slip');
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT DISTINCT message, hint FROM wrong('LOW', 'approvers', 'null');
SELECT value, detail FROM wrong('LOW', 'approvers', 'null', '"dba"', '["dba"]', '[["dba"], []]',
    '[["dba"], [" "]]', '[["dba", 1]]', '[["dba", "*"]]', '{"dba": true}', '[]');
SELECT DISTINCT message, hint FROM wrong('LOW', 'separation', 'true');
SELECT value, detail FROM wrong('LOW', 'separation', 'true', '[]', '{}', '{"author": true}',
    '{"author": "no", "executor": true}', '{"author": true, "executor": true, "boss": true}');
SELECT DISTINCT message, hint FROM wrong('LOW', 'validity', '14');
SELECT value, detail FROM wrong('LOW', 'validity', '14', '"soon"', '"0 days"', '"-1 day"', '["1 day"]',
    '"2 weeks"');
SELECT DISTINCT message, hint FROM wrong('HIGH', 'stages', '{}');
SELECT value, detail FROM wrong('HIGH', 'stages', '{}', '["submission"]', '[{"notice": "1 day"}]',
    '[{"stage": "submission"}]', '[{"stage": "submission", "notice": "never"}]',
    '[{"stage": "submission", "notice": "7 days", "roles": ["dba"]}]',
    '[{"stage": "security", "notice": "5 days"}]', '[{"stage": "security", "notice": "5 days", "roles": "dba"}]',
    '[{"stage": "approval", "notice": "5 days", "roles": ["dba"]}]',
    '[{"stage": "go", "notice": "1 day", "roles": ["dba"]}, {"stage": "go", "notice": "2 days", "roles": ["dba"]}]',
    '[{"stage": "go", "notice": "1 day", "roles": ["dba"], "by": "dba"}]', '[]');
SELECT DISTINCT message, hint FROM wrong('LOW', 'windows', '"sometimes"');
SELECT value, detail FROM wrong('LOW', 'windows', '"sometimes"', '{}', '[{"days": "daily"}]',
    '[{"from": "18:00", "until": "06:00", "zone": "CET"}]', '[{"since": "2027-01-09 22:00", "until": "2027-01-10 04:00"}]', '[]');
SELECT DISTINCT message, hint FROM wrong('LOW', 'assessment', 'true');
SELECT value, detail FROM wrong('LOW', 'assessment', 'true', '{}', '{"when": "often"}', '{"when": "phi"}',
    '{"when": "phi", "roles": []}', '{"when": "phi", "roles": ["dba"], "by": "dba"}', '{"when": "never"}');
SELECT DISTINCT message, hint FROM wrong('LOW', 'relay', '"no"');
SELECT value, detail FROM wrong('LOW', 'relay', '"no"', '[true]', 'true');
SELECT DISTINCT message, hint FROM wrong('ALL', 'identity', 'true');
SELECT value, detail FROM wrong('ALL', 'identity', 'true', '{"registered": true}',
    '{"registered": true, "authn_id": null}', '{"registered": true, "authn_id": true, "known": true}');
SELECT DISTINCT message, hint FROM wrong('ALL', 'two_persons', '2');
SELECT value, detail FROM wrong('ALL', 'two_persons', '2', 'false');
SELECT DISTINCT message, hint FROM wrong('ALL', 'break_glass', '"dba"');
SELECT value, detail FROM wrong('ALL', 'break_glass', '"dba"', '[]', '{"who": ["dba"]}', '{"longest": 4}', '{"longest": "0"}',
    '{"longest": "-1 hour"}', '{"longest": "24 hours 1 second"}', '{"longest": "1 month"}', '{"longest": "long"}',
    '{"roles": "dba"}', '{"roles": [""]}', '{"roles": [1]}', '{"ticket": "yes"}', '{"review": "1 day"}',
    '{"review": {"P4": "1 day"}}', '{"review": {"P0": null}}', '{"review": {"P0": "31 days"}}', '{"review": ["1 day"]}');
-- It is told with what holds where it says nothing.
CREATE FUNCTION told(value jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_set_policy('ALL', 'break_glass', value, 'to see it');
    RETURN (SELECT p.setting FROM migrate_policy() AS p WHERE p.requirement = 'break_glass');
END $$;
SELECT v, told(v::jsonb) FROM unnest(ARRAY['{}', '{"longest": "90 minutes", "roles": ["dba"]}', '{"longest": "1 hour", "roles": ["dba", "sre"], "ticket": true}',
    '{"longest": "1 day", "review": {"P0": "8 hours", "P3": "30 days"}}', '{"review": {"P0": "1 hour", "P1": "1 hour", "P2": "1 hour", "P3": "1 hour"}}',
    '{"longest": "1.5 seconds"}', '{"roles": [], "ticket": false}']) AS v;
SELECT risk, requirement, setting FROM migrate_policy() WHERE changed_at > '-infinity' AND
    (risk, requirement) IN (('LOW', 'approvers'), ('LOW', 'validity'), ('HIGH', 'stages'), ('LOW', 'relay'), ('ALL', 'two_persons'));

-- It is changed by superusers, and read by whoever holds a capability.
\c - regress_policy_auditor
SELECT count(*) > 20 AS read FROM migrate_policy();
SELECT migrate_set_policy('LOW', 'relay', 'true', 'a try');
SELECT migrate_use_policy('none', 'a try');
SELECT * FROM hipaa_migrate.policy_requirement;
\c - regress_policy_nobody
SELECT * FROM migrate_policy();
SELECT migrate_use_policy('none', 'a try');
\c - :superuser
SET client_min_messages = error;
DELETE FROM hipaa_migrate.policy_requirement;

-- Preset none takes it away.
SELECT migrate_use_policy('none', 'end of the test');
SELECT * FROM migrate_policy();

-- All of it is on record, each change with the whole policy before and after,
-- so that one begins with what the last one ended with.
SELECT object, reason, details::jsonb -> 'before' -> 'ALL' -> 'preset' AS preset_before,
       details::jsonb -> 'after' -> 'ALL' -> 'preset' AS preset_after,
       details::jsonb -> 'after' -> 'LOW' -> 'approvers' AS low_after,
       details::jsonb -> 'before' = lag(details::jsonb -> 'after') OVER (ORDER BY event_id) AS continues
  FROM hipaa_migrate.audit_event WHERE kind = 'policy.changed' AND event_id > :before ORDER BY event_id;

DROP FUNCTION wrong(text, text, jsonb[]);
DROP FUNCTION told(jsonb);
SELECT migrate_revoke('auditor', 'regress_policy_auditor');
DROP ROLE regress_policy_nobody, regress_policy_auditor;
