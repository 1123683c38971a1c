-- Which space the library searches by, which one it did before, and what makes each: `encoder` as the setting of that name
-- says it, '' where it was handed over by a program. `role`: brought, vectors that pieces bring with them, as voices are;
-- building, being filled and not searched yet; searched, or kept to go back to. An earlier library searches by its first.

ALTER TABLE spaces ADD COLUMN role TEXT NOT NULL DEFAULT 'brought' CHECK (role IN ('brought', 'building', 'searched'));
ALTER TABLE spaces ADD COLUMN encoder TEXT NOT NULL DEFAULT '';
ALTER TABLE library ADD COLUMN active INTEGER REFERENCES spaces (number);
ALTER TABLE library ADD COLUMN previous INTEGER REFERENCES spaces (number);

UPDATE spaces SET role = 'searched' WHERE number = (SELECT min(number) FROM spaces);
UPDATE spaces SET encoder = 'compact'
WHERE role = 'searched' AND producer IN (SELECT id FROM producers WHERE name = 'compact');
UPDATE library SET active = (SELECT min(number) FROM spaces);
