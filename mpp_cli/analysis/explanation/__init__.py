"""Why a figure, or the verdict on one case, is what it is."""
