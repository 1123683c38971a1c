-- Remembers across a crash that what was forgotten still has to be scrubbed from the file.

ALTER TABLE library ADD COLUMN scrub_due INTEGER NOT NULL DEFAULT 0;
