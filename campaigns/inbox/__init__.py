"""What families write back: kept, understood, obeyed, answered."""
