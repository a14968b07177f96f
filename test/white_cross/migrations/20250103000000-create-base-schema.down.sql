-- Children before parents. No CASCADE: while a later migration still refers to
-- these tables, the server must refuse.

DROP TABLE IF EXISTS emergency_contacts;
DROP TABLE IF EXISTS students;
DROP TABLE IF EXISTS users;
DROP TABLE IF EXISTS schools;
DROP TABLE IF EXISTS districts;

DROP FUNCTION IF EXISTS set_updated_at();

DROP TYPE IF EXISTS contact_priority;
DROP TYPE IF EXISTS gender;
DROP TYPE IF EXISTS user_role;
