"""``python -m mpp_cli`` is ``mpp``."""

from mpp_cli.app import run

run()
