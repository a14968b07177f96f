CREATE TABLE ward (id integer PRIMARY KEY, bed integer);
