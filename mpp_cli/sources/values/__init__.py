"""What a text means: dates, counts, codes; for one value or a block of them."""
