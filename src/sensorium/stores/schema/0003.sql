-- Details: the finer vectors of a piece, beside its vector in a space and gone with it. Made by the space's producer.
-- `detail`: int8, as `core.details.DetailForm.pack` makes it.

CREATE TABLE details (
    id INTEGER PRIMARY KEY,
    space INTEGER NOT NULL,
    piece INTEGER NOT NULL,
    rights INTEGER NOT NULL,
    modality TEXT NOT NULL,
    detail BLOB NOT NULL,
    UNIQUE (piece, space),
    FOREIGN KEY (space, rights, modality, piece) REFERENCES vectors (space, rights, modality, piece) ON DELETE CASCADE
) STRICT;
