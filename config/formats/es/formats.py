"""Spanish as in the United States: 1,457 and 19.5. Spain's 1.457 would be read as a fraction."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
