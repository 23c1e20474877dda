"""The outbox at work: what is due becomes messages, each handed over once."""
