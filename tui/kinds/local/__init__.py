"""The nouns of the local engine."""
