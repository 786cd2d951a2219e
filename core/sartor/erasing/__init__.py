"""Erasure: one person is removed from what a project keeps of runs, whole or not at all, and the ledger says so.

Modules: `person` tells by which columns and texts somebody is found; `opening` reads what is encrypted; `searching`
finds every trace; `staging` writes what files will be without them; `carrying_out` puts it in place and extends the
ledgers; `marks` says what was; `erase` puts these together.
"""
