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
