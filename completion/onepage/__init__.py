"""A place on one sheet of paper, for a principal's desk."""

from completion.onepage.sheet import one_page

__all__ = ["one_page"]
