"""A place on one sheet of paper, for a principal's desk."""

from completion.onepage.sheet import MOST_ROWS, one_page

__all__ = ["MOST_ROWS", "one_page"]
