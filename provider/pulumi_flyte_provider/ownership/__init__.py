"""Who owns an object: its mark, the rules for taking it over, and what one run has claimed."""
