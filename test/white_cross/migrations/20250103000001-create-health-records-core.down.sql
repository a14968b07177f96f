-- Removes the chart itself.  Keep a copy where the law asks for one first.

DROP TABLE IF EXISTS appointments;
DROP TABLE IF EXISTS chronic_conditions;
DROP TABLE IF EXISTS allergies;
DROP TABLE IF EXISTS health_records;

DROP TYPE IF EXISTS appointment_status;
DROP TYPE IF EXISTS appointment_type;
DROP TYPE IF EXISTS condition_status;
DROP TYPE IF EXISTS allergy_severity;
DROP TYPE IF EXISTS allergen_type;
DROP TYPE IF EXISTS health_record_type;
