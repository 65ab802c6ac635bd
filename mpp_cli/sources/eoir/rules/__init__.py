"""The court's codes and what they mean: cohort, decisions, relief, counsel."""
