CREATE TABLE nurse (id integer PRIMARY KEY);
