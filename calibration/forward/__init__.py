"""A forward test: a place as it was known before the months that are to be predicted."""
