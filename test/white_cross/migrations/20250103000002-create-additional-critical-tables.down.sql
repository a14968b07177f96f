-- Removes orders, doses and incident reports.  Keep a copy where the law asks
-- for one first.

DROP TABLE IF EXISTS incident_reports;
DROP TABLE IF EXISTS medication_logs;
DROP TABLE IF EXISTS student_medications;
DROP TABLE IF EXISTS medications;

DROP TYPE IF EXISTS incident_severity;
DROP TYPE IF EXISTS incident_type;
DROP TYPE IF EXISTS medication_log_status;
DROP TYPE IF EXISTS medication_form;
