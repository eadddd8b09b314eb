"""The page of an environment: one HTML file that shows it whole, made from its JSON and from what its states know."""
