"""Numbers of a page stand in drawings and boxes too, which know the point alone."""

DECIMAL_SEPARATOR, THOUSAND_SEPARATOR, NUMBER_GROUPING = ".", "", 0
