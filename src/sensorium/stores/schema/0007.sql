-- Typed attributes of items, one row a value, gone with their item: what filters and facets are answered from.
-- `position`: of a list's entry. `text`: of texts and list entries, folded for comparison; `label`: as it was written.
-- `number`: of numbers; Unix seconds of dates; 1 and 0 of yes and no; latitude of points, whose longitude is `east`.
-- What readers wrote so far is text; these names of it mean numbers.

CREATE TABLE attributes (
    item INTEGER NOT NULL,
    rights INTEGER NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('text', 'number', 'date', 'boolean', 'list', 'point')),
    text TEXT NOT NULL DEFAULT '',
    label TEXT NOT NULL DEFAULT '',
    number REAL,
    east REAL,
    PRIMARY KEY (item, name, position),
    FOREIGN KEY (item, rights) REFERENCES items (number, rights) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX attributes_by_value ON attributes (name, kind, rights, text, number, item);

INSERT INTO attributes (item, rights, name, position, kind, number)
SELECT i.number, i.rights, j.key, 0, 'number', CAST(j.value AS REAL)
FROM items i, json_each(i.attributes) j
WHERE j.key IN ('width', 'height', 'seconds', 'pages', 'characters', 'cues', 'frame_rate', 'sample_rate', 'channels')
AND j.value GLOB '[0-9]*';

INSERT INTO attributes (item, rights, name, position, kind, text, label)
SELECT i.number, i.rights, j.key, 0, 'text', lower(j.value), j.value
FROM items i, json_each(i.attributes) j
WHERE NOT EXISTS (SELECT 1 FROM attributes a WHERE a.item = i.number AND a.name = j.key);
