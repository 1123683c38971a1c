"""Scope and policy: who may see what, and the guard that verifies it. May import: core."""
