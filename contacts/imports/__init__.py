"""A file of families on its way in: read, map, clean, match, write.

`readers` make a table of texts from bytes, `mapping` says what its columns mean, `cleaning`
makes records and a list of problems, `matching` plans what would change, `upsert` writes that
plan in one transaction, and `run` is the way through all of them.
"""
