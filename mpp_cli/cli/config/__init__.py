"""mpp.toml: where it is, what it may say, and where the data are."""
