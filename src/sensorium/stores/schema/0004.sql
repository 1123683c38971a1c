-- What of its item a piece shows, facts of single pieces, and the encoded parts of long files whose end is not read yet.
-- `parts.state`: as `ingest.parts` writes it. `next`: where the next part starts. Gone once the item is there.

ALTER TABLE pieces ADD COLUMN aspect TEXT NOT NULL DEFAULT 'content';
ALTER TABLE pieces ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';

CREATE TABLE parts (
    id INTEGER PRIMARY KEY,
    item TEXT NOT NULL,
    recipe TEXT NOT NULL,
    start REAL NOT NULL,
    next REAL NOT NULL,
    state BLOB NOT NULL,
    kept_at REAL NOT NULL,
    UNIQUE (item, recipe, start)
) STRICT;
