"""What the page and the JSON of each answer say."""
