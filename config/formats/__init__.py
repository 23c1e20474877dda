"""Numbers as they are written in this country, where Django's own formats go by another one's."""
