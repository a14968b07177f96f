--
-- break_glass: what the policy says of break-glass: who, for how long, with a
-- ticket, reviewed by when; and what an overdue review keeps from whom.
--
-- In a database of its own.  The guard is not armed: it holds all the same.
--
\set home :DBNAME
SELECT current_user AS superuser \gset
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regression_break_glass;
DROP ROLE IF EXISTS regress_glass_ada, regress_glass_ada_at_home, regress_glass_bert, regress_glass_reviewer,
    regress_glass_super;
DROP ROLE IF EXISTS regress_glass_dba;
CREATE DATABASE regression_break_glass TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regression_break_glass
SET client_min_messages = error;
CREATE EXTENSION hipaa_migrate;
CREATE ROLE regress_glass_dba;
CREATE ROLE regress_glass_ada LOGIN IN ROLE regress_glass_dba;
CREATE ROLE regress_glass_ada_at_home LOGIN IN ROLE regress_glass_dba;
CREATE ROLE regress_glass_bert LOGIN;
CREATE ROLE regress_glass_super LOGIN SUPERUSER;
CREATE ROLE regress_glass_reviewer LOGIN;
SELECT migrate_grant('breaker', r) FROM unnest('{regress_glass_ada,regress_glass_ada_at_home,regress_glass_bert,regress_glass_super}'::name[]) AS r;
SELECT migrate_grant('approver', 'regress_glass_reviewer');
SELECT migrate_person('Ada', '{regress_glass_ada,regress_glass_ada_at_home}', 'both are hers') IS NULL AS done;
SELECT migrate_set_policy('ALL', 'break_glass', '{"longest": "2 hours", "roles": ["regress_glass_dba"], "ticket": true,
    "review": {"P0": "1 hour", "P1": "90 minutes", "P2": "1 second"}}', 'who may, and how long');

-- It takes a member of one of the roles, besides the capability: who logged in,
-- and superusers are members of nothing.
\c - regress_glass_bert
SELECT * FROM migrate_break_glass('fire', 'P0', 'T-1');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_break_glass('fire', 'P3', NULL, drill => true);
\c - regress_glass_super
SELECT * FROM migrate_break_glass('fire', 'P0', 'T-1');
SET SESSION AUTHORIZATION regress_glass_ada;
SELECT * FROM migrate_break_glass('fire', 'P0', 'T-1');
\c - regress_glass_reviewer
SELECT * FROM migrate_break_glass('fire', 'P0', 'T-1');

-- For as long as the policy says, a drill too.
\c - regress_glass_ada
SELECT * FROM migrate_break_glass('fire', 'P0', 'T-1', '2 hours 1 second');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_break_glass('fire', 'P0', NULL, '3 hours', drill => true);
-- With a ticket, which a drill needs not.
SELECT * FROM migrate_break_glass('fire', 'P0', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_break_glass('fire', 'P0', ' ');
SELECT review_due - (expires_at - interval '1 hour') AS reviewed_within FROM migrate_break_glass('fire', 'P0', NULL, drill => true);
SELECT migrate_break_glass_end();

-- The review is due by severity; what the policy does not name, in a day.
SELECT review_due - (expires_at - interval '2 hours') AS reviewed_within FROM migrate_break_glass('fire', 'P0', 'T-10', '2 hours');
SELECT migrate_break_glass_end();
SELECT review_due - (expires_at - interval '1 hour') AS reviewed_within FROM migrate_break_glass('fire', 'P1', 'T-11');
SELECT migrate_break_glass_end();
SELECT review_due - (expires_at - interval '1 hour') AS reviewed_within FROM migrate_break_glass('fire', 'P3', 'T-13');
SELECT migrate_break_glass_end();
SELECT break_glass_id AS overdue, review_due - (expires_at - interval '1 hour') AS reviewed_within FROM migrate_break_glass('fire', 'P2', 'T-12') \gset
\echo :reviewed_within
SELECT migrate_break_glass_end();

-- Whoever has left it overdue opens nothing at P2 and P3, by whatever login; at
-- P0 and P1 a warning says so.  The recorder may be a moment behind.
SELECT pg_sleep(1.1);
\c - :superuser
SELECT outcome IN ('sealed', 'unchanged') AS sealed FROM audit_seal();
SELECT state FROM hipaa_migrate.break_glass_review WHERE break_glass_id = :overdue;
\c - regress_glass_ada_at_home
\set VERBOSITY terse
SELECT * FROM migrate_break_glass('fire', 'P2', 'T-22');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_break_glass('fire', 'P3', 'T-23');
SELECT review_due - (expires_at - interval '1 hour') AS reviewed_within FROM migrate_break_glass('fire', 'P1', 'T-21');
SELECT migrate_break_glass_end();
SELECT review_due - (expires_at - interval '1 hour') AS reviewed_within FROM migrate_break_glass('fire', 'P0', 'T-20');
SELECT migrate_break_glass_end();
-- A drill waits for none.
SELECT count(*) FROM migrate_break_glass('fire', 'P3', NULL, drill => true);
SELECT migrate_break_glass_end();
-- Nobody is kept from anything by what another has left.
\c - :superuser
GRANT regress_glass_dba TO regress_glass_bert;
\c - regress_glass_bert
SELECT review_due - (expires_at - interval '1 hour') AS reviewed_within FROM migrate_break_glass('fire', 'P3', 'T-33');
SELECT migrate_break_glass_end();
-- Nor is who is not the same person any more.
\c - :superuser
SET client_min_messages = error;
SELECT migrate_person('Ada', '{regress_glass_ada}', 'lent to another') IS NULL AS done;
\c - regress_glass_ada_at_home
SELECT review_due - (expires_at - interval '1 hour') AS reviewed_within FROM migrate_break_glass('fire', 'P3', 'T-34');
SELECT migrate_break_glass_end();
\c - :superuser
SET client_min_messages = error;
SELECT migrate_person('Ada', '{regress_glass_ada,regress_glass_ada_at_home}', 'hers again') IS NULL AS done;
-- A policy that gives more time forgives nothing that was due before.
SELECT migrate_set_policy('ALL', 'break_glass', '{"longest": "2 hours", "review": {"P2": "30 days"}}', 'more time');
\c - regress_glass_ada
\set VERBOSITY terse
SELECT * FROM migrate_break_glass('fire', 'P2', 'T-24');
-- Another person's review does, by whatever login it was opened.
\c - regress_glass_reviewer
SELECT migrate_break_glass_close(:overdue, 'a false alarm');
\c - regress_glass_ada_at_home
SELECT review_due - (expires_at - interval '1 hour') AS reviewed_within FROM migrate_break_glass('fire', 'P2', 'T-24');
SELECT migrate_break_glass_end();

-- Without a policy whoever holds the capability may, for a day, without a ticket.
\c - :superuser
SET client_min_messages = error;
SELECT migrate_set_policy('ALL', 'break_glass', NULL, 'end of the test');
REVOKE regress_glass_dba FROM regress_glass_bert;
\c - regress_glass_bert
SELECT review_due - (expires_at - interval '24 hours') AS reviewed_within FROM migrate_break_glass('fire', 'P3', NULL, '24 hours');
SELECT migrate_break_glass_end();

-- Whatever was refused is on record, with why.
\c - :superuser
SELECT outcome IN ('sealed', 'unchanged') AS sealed FROM audit_seal();
SELECT actor, ticket, details::jsonb - 'act' AS details FROM hipaa_migrate.audit_event
 WHERE kind = 'act.refused' AND details::jsonb ->> 'act' = 'break_glass' ORDER BY event_id;

\c :home :superuser
SET client_min_messages = warning;
DROP DATABASE regression_break_glass;
DROP ROLE regress_glass_ada, regress_glass_ada_at_home, regress_glass_bert, regress_glass_reviewer,
    regress_glass_super, regress_glass_dba;
