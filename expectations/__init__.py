"""What must be true of landed data and of a candidate mart, as typed Great Expectations.

Importing this package imports Great Expectations, which takes seconds: do it inside the function that needs it.
"""
