-- Full text of what pieces say, for questions by the letter. The text itself stays in `pieces`; `scrub` merges the index,
-- because a deleted word stays in it until then. `porter` stems English; other words and codes are as they are, without
-- accents and case. No triggers keep it: a schema is not trusted to run anything here, so `stores.words` does.

CREATE VIRTUAL TABLE words USING fts5 (
    text, content = 'pieces', content_rowid = 'key', columnsize = 0, tokenize = 'porter unicode61 remove_diacritics 2'
);

INSERT INTO words (rowid, text) SELECT key, text FROM pieces WHERE text IS NOT NULL;
