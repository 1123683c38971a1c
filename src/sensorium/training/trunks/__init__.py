"""The published networks that towers stand on, out of registry packages."""
