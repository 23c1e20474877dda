"""Completion files and how each layout is read: bytes in, typed rows out, nothing written."""

from completion.readers.layouts import read
from completion.readers.rows import BadFile, Band, Cell, Problem, Reading, Row, UnknownLayout

__all__ = ["BadFile", "Band", "Cell", "Problem", "Reading", "Row", "UnknownLayout", "read"]
