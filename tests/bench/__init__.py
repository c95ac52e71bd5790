"""`python -m tests.bench`: the budgets, measured beside the peers on the same nodes in the same run.

One measure a file: `startup`, `all_up`, `line_delay`, `burst`, `steady`, `probe_cost`, `key_paint`, `search`. Each has
`measure(stage)`, which returns figures. Timings never decide a test: they are the machine's,
and of who else uses it.
"""
