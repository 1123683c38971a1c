-- The name of the file that each item names as its source, small letters, so that a name in a question is found by an
-- index. `stores.writing` keeps it beside the source.

ALTER TABLE items ADD COLUMN file TEXT NOT NULL DEFAULT '';
UPDATE items SET file = file_name(source);
CREATE INDEX items_by_file ON items (file);
