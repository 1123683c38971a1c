-- The words that texts are written with, for suggestions when a question is misspelt: in how many pieces of which rights
-- each stands. A scope is shown the words of rights that it may read and no others, so what is hidden suggests nothing.
-- `stores.vocabulary` keeps it; a word goes with the last piece that holds it.

CREATE TABLE vocabulary (
    rights INTEGER NOT NULL REFERENCES rights (id) ON DELETE CASCADE,
    word TEXT NOT NULL,
    pieces INTEGER NOT NULL,
    PRIMARY KEY (rights, word)
) STRICT, WITHOUT ROWID;

INSERT INTO vocabulary (rights, word, pieces)
SELECT p.rights, j.value, count(*) FROM pieces p, json_each(words_of(p.text)) j
WHERE p.text IS NOT NULL GROUP BY p.rights, j.value;
