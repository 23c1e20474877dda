"""What a family opens: its own pages, their links, and what it asks for there."""
