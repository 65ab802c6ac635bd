"""Input formats: each turns files into event tables and rows set aside."""
