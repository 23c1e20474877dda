from tests.contacts.builders import district, school

__all__ = ["district", "school"]
