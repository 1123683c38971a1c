"""Closer looks at the best candidates of a route, one file a look. May import: core.

To add one, fit the ports `Reranker` and `RerankerFactory`, run `sensorium.testing.reranker_contract` over it and name
its class in the entry points `sensorium.rerankers`. It is applied where the encoder has a curve for what it gives
(`LookCurves`).
"""
