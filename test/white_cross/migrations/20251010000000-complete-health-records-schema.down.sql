-- Removes what was measured; the chart's core stays.

DROP TABLE IF EXISTS vital_signs;
DROP TABLE IF EXISTS growth_measurements;
DROP TABLE IF EXISTS screenings;
DROP TABLE IF EXISTS vaccinations;

DROP TYPE IF EXISTS screening_outcome;
DROP TYPE IF EXISTS screening_type;
DROP TYPE IF EXISTS vaccination_status;
DROP TYPE IF EXISTS vaccination_site;
