"""The wheel in empty environments: each Python, and the lowest versions of what it needs.

python -m tests.packaging                # the wheel, in an empty environment of this Python
python -m tests.packaging --pythons python3.12 python3.13 --lowest --audit
"""
