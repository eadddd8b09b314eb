"""The environment file as text: read whatever it is, with the line of each value and the report of mistakes."""
