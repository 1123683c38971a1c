"""Pairs of one's own in, an adapted encoder out. May import: evaluation, ingest, search, encoders, core; never torch.

`pairs` reads what belongs together, `curate` decodes and judges it, `learn` trains small layers over frozen vectors
(`kinds`, `losses`, `hard`), `gate` compares the result with its base on protected suites, `folder` writes it, `train`
does all of it. `encoders/layered.py` loads what comes out. To add a kind of adapter, write its formula in
`encoders/adapters.py` and its gradients in `kinds`.
"""
