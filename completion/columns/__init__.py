"""Files of a layout that nobody knows: a person says once what their columns hold."""
