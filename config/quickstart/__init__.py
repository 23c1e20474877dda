"""The demonstration: real public figures, and beside them a place that does not exist."""
