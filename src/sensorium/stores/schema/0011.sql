-- The name of the file that each item names as its source, small letters: a whole name is found by an index, and the
-- beginning of one without decoding every source. `stores.writing` keeps it beside the source.

ALTER TABLE items ADD COLUMN file TEXT NOT NULL DEFAULT '';
UPDATE items SET file = file_name(source);
CREATE INDEX items_by_file ON items (file);
