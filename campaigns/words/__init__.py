"""What families read: texts, placeholders, translations, what a text costs."""
