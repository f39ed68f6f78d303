"""The nouns of the swarm engine."""
