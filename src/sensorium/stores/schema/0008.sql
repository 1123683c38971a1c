-- What a voice that has a name was taken from: pieces with the rights of the voice, which goes with the last of them.
-- A voice of an earlier version was taken from pieces that have its name; one that has none any more is erased.

CREATE TABLE samples (
    voice INTEGER NOT NULL REFERENCES voices (id) ON DELETE CASCADE,
    piece INTEGER NOT NULL REFERENCES pieces (key) ON DELETE CASCADE,
    PRIMARY KEY (voice, piece)
) STRICT, WITHOUT ROWID;

CREATE INDEX samples_by_piece ON samples (piece);

INSERT INTO samples (voice, piece)
SELECT DISTINCT v.id, p.key FROM voices v
JOIN pieces p ON p.rights = v.rights AND json_extract(p.attributes, '$.speaker') = v.name
JOIN spaces s ON s.id = v.space
JOIN vectors x ON x.piece = p.key AND x.space = s.number AND x.rights = p.rights AND x.modality = p.modality;

UPDATE library SET scrub_due = 1 WHERE EXISTS (SELECT 1 FROM voices WHERE id NOT IN (SELECT voice FROM samples));

DELETE FROM voices WHERE id NOT IN (SELECT voice FROM samples);
