"""From questions that were not answered well to a proved change of content."""
