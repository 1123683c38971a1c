-- The first schema. Times are Unix seconds unless the name says otherwise; hashes are sha256 in hex.
--
-- `rights` stands in items, pieces and vectors alike, and `modality` in pieces and vectors, so that the question
-- "which vectors may this scope see" is answered by one index. An item's rights never change (they are part of its
-- identity), and composite foreign keys keep the copies equal.
--
-- Paths are bytes, because a file name need not be text.

CREATE TABLE library (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    generation INTEGER NOT NULL
) STRICT;

INSERT INTO library (only, generation) VALUES (1, 0);

CREATE TABLE producers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (name, version, digest)
) STRICT;

-- One row for each distinct pair of tenant and rights; `rights` is their canonical JSON.
CREATE TABLE rights (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    rights TEXT NOT NULL,
    UNIQUE (tenant, rights)
) STRICT;

CREATE TABLE rights_names (
    role TEXT NOT NULL CHECK (role IN ('readers', 'denied', 'purposes')),
    name TEXT NOT NULL,
    rights INTEGER NOT NULL REFERENCES rights (id) ON DELETE CASCADE,
    PRIMARY KEY (role, name, rights)
) STRICT, WITHOUT ROWID;

CREATE INDEX rights_names_by_rights ON rights_names (rights);

CREATE TABLE items (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    rights INTEGER NOT NULL REFERENCES rights (id),
    modality TEXT NOT NULL,
    media_type TEXT NOT NULL,
    title TEXT NOT NULL,
    attributes TEXT NOT NULL,
    source BLOB NOT NULL,
    content_hash TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_at REAL NOT NULL,
    added_at REAL NOT NULL,
    reader INTEGER NOT NULL REFERENCES producers (id),
    UNIQUE (number, rights)
) STRICT;

CREATE INDEX items_by_content ON items (content_hash);
CREATE INDEX items_by_rights ON items (rights, modality);

-- Keys are never used twice, so that an index that lags behind can not mistake one piece for another.
CREATE TABLE pieces (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    item INTEGER NOT NULL,
    rights INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    modality TEXT NOT NULL,
    place TEXT NOT NULL,
    text TEXT,
    producer INTEGER NOT NULL REFERENCES producers (id),
    UNIQUE (item, ordinal),
    UNIQUE (key, rights, modality),
    FOREIGN KEY (item, rights) REFERENCES items (number, rights) ON DELETE CASCADE
) STRICT;

CREATE INDEX pieces_by_rights ON pieces (rights, modality);

CREATE TABLE previews (
    piece INTEGER PRIMARY KEY REFERENCES pieces (key) ON DELETE CASCADE,
    media_type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    data BLOB NOT NULL,
    producer INTEGER NOT NULL REFERENCES producers (id)
) STRICT;

-- A space's producer is the encoder: through it every vector says what made it.
-- `horizon`: removals up to this generation are no longer listed in `removed`.
CREATE TABLE spaces (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    width INTEGER NOT NULL,
    producer INTEGER NOT NULL REFERENCES producers (id),
    horizon INTEGER NOT NULL DEFAULT 0
) STRICT;

-- `vector`: width x float32, little endian. `generation`: of the commit that brought it.
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY,
    space INTEGER NOT NULL REFERENCES spaces (number),
    piece INTEGER NOT NULL,
    rights INTEGER NOT NULL,
    modality TEXT NOT NULL,
    generation INTEGER NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (space, rights, modality, piece),
    FOREIGN KEY (piece, rights, modality) REFERENCES pieces (key, rights, modality) ON DELETE CASCADE
) STRICT;

CREATE INDEX vectors_by_piece ON vectors (piece, space, rights, modality);
CREATE INDEX vectors_by_generation ON vectors (space, generation, piece);

-- What an index that was written before `generation` must take out.
CREATE TABLE removed (
    space INTEGER NOT NULL REFERENCES spaces (number),
    generation INTEGER NOT NULL,
    piece INTEGER NOT NULL,
    PRIMARY KEY (space, generation, piece)
) STRICT, WITHOUT ROWID;

CREATE TABLE stamps (
    space INTEGER PRIMARY KEY REFERENCES spaces (number),
    adapter TEXT NOT NULL,
    generation INTEGER NOT NULL,
    count INTEGER NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL
) STRICT;

-- One source can belong to several items only where one caller can not see what another added from it.
CREATE TABLE sources (
    source BLOB NOT NULL,
    item INTEGER NOT NULL REFERENCES items (number) ON DELETE CASCADE,
    content_hash TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    seen_at REAL NOT NULL,
    PRIMARY KEY (source, item)
) STRICT, WITHOUT ROWID;

CREATE INDEX sources_by_item ON sources (item);

CREATE TABLE refusals (
    source BLOB NOT NULL,
    rights INTEGER NOT NULL REFERENCES rights (id),
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    refused_at REAL NOT NULL,
    PRIMARY KEY (source, rights)
) STRICT, WITHOUT ROWID;

CREATE INDEX refusals_by_rights ON refusals (rights);
