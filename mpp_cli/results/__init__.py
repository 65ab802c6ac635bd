"""Plain frozen answers, complete before they are printed."""
