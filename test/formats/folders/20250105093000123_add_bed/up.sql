-- depends-on: 2025-01-03-000000_create_ward
CREATE TABLE bed (ward integer REFERENCES ward);
