"""Closer looks at the best candidates of a route, one file a look. They fit the port `Reranker`. May import: core."""
