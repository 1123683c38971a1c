-- Voices that somebody gave a name. A voice is biometric data: it is seen with the rights that it was named under.

CREATE TABLE voices (
    id INTEGER PRIMARY KEY,
    rights INTEGER NOT NULL REFERENCES rights (id),
    space TEXT NOT NULL,
    name TEXT NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (rights, space, name)
) STRICT;
