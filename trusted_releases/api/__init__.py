"""What every endpoint of the API shares: the envelope, strict input, errors, limits, the schema.

An endpoint itself is a class in the `api.py` of the app whose objects it speaks of.
"""
