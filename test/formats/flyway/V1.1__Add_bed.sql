-- depends-on: V1__Create_ward
ALTER TABLE ward ADD bed integer;
