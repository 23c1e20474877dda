"""What other rooms may want to know of families."""

from django.dispatch import Signal

# Sent before a family's page is put together: a room that has yet to enter what it knows does so.
looking = Signal()

# Sent inside the transaction, before the rows go: `contacts` and `students` (lists of instances).
# A room that holds more about them (message texts, replies) deletes or blanks it here.
erasing = Signal()

# Sent while a person's data is put together: `contacts`, `students` and `found` (a dict to add to).
exporting = Signal()

# Asked before an import (`upload`) is undone, with query sets of its `students` and `contacts`.
# A room where something rests on one of them answers with a sentence that says what.
undoing = Signal()

# Sent inside the transaction when two records become one, before the second goes: `kept` and
# `gone`, two students, contacts or contact points (the sender). Who points to one points to kept.
merging = Signal()

# Sent inside the transaction once all students of some households have moved to others: `homes`,
# from the household that they left to the one that they came to.
rehoming = Signal()
