"""NumPy figures by the definitions of the reference implementations, one file a kind of measure."""
