"""One module per question that data can be asked, and the public Python API."""
