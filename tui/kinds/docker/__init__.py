"""The nouns of the docker engine."""
