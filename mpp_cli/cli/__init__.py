"""Every command of mpp: parse, call, print."""
