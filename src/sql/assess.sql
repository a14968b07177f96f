/* assess: privacy assessments of migrations */

CREATE TABLE hipaa_migrate.assessment (
    assessment_id       bigint NOT NULL CONSTRAINT assessment_pkey PRIMARY KEY,
    migration_id        bigint NOT NULL,
    checksum            bytea NOT NULL,
    purpose             text NOT NULL,
    data                text NOT NULL,
    safeguards          text NOT NULL,
    assessor            text COLLATE "C" NOT NULL,
    assessed_on         date NOT NULL,
    recorded_by         text COLLATE "C" NOT NULL,
    recorded_by_oid     oid NOT NULL,
    recorded_at         timestamptz NOT NULL
);
CREATE INDEX assessment_migration_idx ON hipaa_migrate.assessment (migration_id);
COMMENT ON TABLE hipaa_migrate.assessment IS
    'what a migration means for health information, as somebody assessed it';
COMMENT ON COLUMN hipaa_migrate.assessment.assessment_id IS
    'identifies the assessment';
COMMENT ON COLUMN hipaa_migrate.assessment.migration_id IS
    'the migration';
COMMENT ON COLUMN hipaa_migrate.assessment.checksum IS
    'of the revision that it is bound to';
COMMENT ON COLUMN hipaa_migrate.assessment.purpose IS
    'what the change is for';
COMMENT ON COLUMN hipaa_migrate.assessment.data IS
    'which health information it touches';
COMMENT ON COLUMN hipaa_migrate.assessment.safeguards IS
    'what protects it meanwhile and afterwards';
COMMENT ON COLUMN hipaa_migrate.assessment.assessor IS
    'who assessed it';
COMMENT ON COLUMN hipaa_migrate.assessment.assessed_on IS
    'when that was';
COMMENT ON COLUMN hipaa_migrate.assessment.recorded_by IS
    'the authenticated user who put it in';
COMMENT ON COLUMN hipaa_migrate.assessment.recorded_by_oid IS
    'object identifier of that role';
COMMENT ON COLUMN hipaa_migrate.assessment.recorded_at IS
    'when';

CREATE SEQUENCE hipaa_migrate.assessment_id_seq;
COMMENT ON SEQUENCE hipaa_migrate.assessment_id_seq IS 'numbers assessments';

CREATE FUNCTION @extschema@.migrate_assess(
    name text,
    purpose text DEFAULT NULL,
    data text DEFAULT NULL,
    safeguards text DEFAULT NULL,
    assessor text DEFAULT NULL,
    assessed_on date DEFAULT NULL)
    RETURNS bigint
    LANGUAGE C
    AS 'MODULE_PATHNAME', 'hm_migrate_assess';
COMMENT ON FUNCTION @extschema@.migrate_assess(text, text, text, text, text, date) IS
    'puts in a privacy assessment of a migration, of this text of it only; returns its number';

CREATE FUNCTION hipaa_migrate.assessments()
    RETURNS TABLE (
        assessment_id bigint, status text, migration text, assessor text,
        assessed_on date, purpose text, data text, safeguards text,
        recorded_by text, recorded_at timestamptz)
    LANGUAGE C STABLE
    AS 'MODULE_PATHNAME', 'hm_assessments';
COMMENT ON FUNCTION hipaa_migrate.assessments() IS
    'privacy assessments, for view assessment_list';

CREATE VIEW hipaa_migrate.assessment_list AS
    SELECT a.assessment_id, a.status, a.migration, a.assessor, a.assessed_on, a.purpose, a.data,
        a.safeguards, a.recorded_by, a.recorded_at
    FROM hipaa_migrate.assessments() AS a;
COMMENT ON VIEW hipaa_migrate.assessment_list IS
    'what migrations mean for health information, and who says so';
COMMENT ON COLUMN hipaa_migrate.assessment_list.assessment_id IS
    'identifies the assessment';
COMMENT ON COLUMN hipaa_migrate.assessment_list.status IS
    'current | replaced by a later one | void: the migration has another text now, or is not registered';
COMMENT ON COLUMN hipaa_migrate.assessment_list.migration IS
    'name, or project:name outside of project default';
COMMENT ON COLUMN hipaa_migrate.assessment_list.assessor IS
    'who assessed it';
COMMENT ON COLUMN hipaa_migrate.assessment_list.assessed_on IS
    'when that was';
COMMENT ON COLUMN hipaa_migrate.assessment_list.purpose IS
    'what the change is for';
COMMENT ON COLUMN hipaa_migrate.assessment_list.data IS
    'which health information it touches';
COMMENT ON COLUMN hipaa_migrate.assessment_list.safeguards IS
    'what protects it meanwhile and afterwards';
COMMENT ON COLUMN hipaa_migrate.assessment_list.recorded_by IS
    'the authenticated user who put it in';
COMMENT ON COLUMN hipaa_migrate.assessment_list.recorded_at IS
    'when';
