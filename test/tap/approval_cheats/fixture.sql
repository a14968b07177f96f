-- The people of test/tap/approval_cheats.pl, and their policy.
CREATE EXTENSION IF NOT EXISTS hipaa_migrate;
CREATE ROLE leads;
CREATE ROLE dbas;
CREATE ROLE privacy;
CREATE ROLE builders;
CREATE ROLE ada LOGIN IN ROLE leads, dbas;
CREATE ROLE ada_admin LOGIN IN ROLE leads, dbas;
CREATE ROLE eve LOGIN;
CREATE ROLE lea LOGIN IN ROLE leads;
CREATE ROLE lea_admin LOGIN IN ROLE leads, dbas;
CREATE ROLE dan LOGIN IN ROLE dbas;
CREATE ROLE mo LOGIN IN ROLE leads;
CREATE ROLE olga LOGIN IN ROLE builders;
CREATE ROLE olaf LOGIN IN ROLE builders, dbas, leads;
CREATE ROLE stranger LOGIN IN ROLE leads, dbas;
CREATE ROLE pooler LOGIN IN ROLE leads, dbas;
CREATE ROLE bridge LOGIN;
CREATE ROLE double LOGIN IN ROLE leads, dbas;
CREATE ROLE clerk LOGIN;
CREATE ROLE auditor LOGIN;
CREATE ROLE boss LOGIN SUPERUSER;
CREATE ROLE boss_admin LOGIN SUPERUSER;
CREATE ROLE chief LOGIN SUPERUSER;
GRANT CREATE ON SCHEMA public TO builders;
GRANT builders TO ada, eve;
SELECT migrate_grant(c, r) FROM (VALUES
    ('author', 'ada'), ('author', 'eve'), ('author', 'lea'), ('author', 'olaf'), ('author', 'bridge'), ('author', 'clerk'),
    ('operator', 'olga'), ('operator', 'olaf'), ('operator', 'ada'), ('operator', 'clerk'),
    ('approver', 'leads'), ('approver', 'dbas'), ('breaker', 'olga'), ('auditor', 'auditor'),
    ('relay', 'bridge'), ('relay', 'double')) AS g (c, r);
SELECT migrate_person(p, l, 'who is who') FROM (VALUES
    ('Ada Lovelace', '{ada,ada_admin,ada@example.org}'::text[]), ('Eve', '{eve}'), ('Lea', '{lea,lea_admin,lea@example.org}'), ('Dan', '{dan,dan@example.org}'),
    ('Mo', '{mo}'), ('Olga', '{olga}'), ('Olaf', '{olaf}'), ('Double', '{double}'), ('Boss', '{boss,boss_admin}'),
    ('Chief', '{chief}'), (NULL, '{pooler}')) AS p (p, l);
SELECT migrate_set_policy(r, q, v::jsonb, 'the rules') FROM unnest('{LOW,MEDIUM,HIGH,CRITICAL}'::text[]) AS r, (VALUES
    ('approvers', '[["leads"], ["dbas"]]'), ('separation', '{"author": false, "executor": false}'), ('validity', '"14 days"')) AS p (q, v);
SELECT migrate_set_policy('ALL', 'identity', '{"registered": true, "authn_id": false}', 'known people');
SELECT migrate_set_policy('ALL', 'two_persons', 'true', 'not alone');
SELECT migrate_exempt('he makes what cheats need', role => 'boss');
