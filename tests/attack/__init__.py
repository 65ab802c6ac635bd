"""An outsider attacks what is printed with ``--suppress-below``.

It knows the document and what is printed, and shares no code with the program:
``python -m tests.attack`` asks for random outputs of random data and tries to work out
every small count. What it can work out exactly is a failure.
"""
