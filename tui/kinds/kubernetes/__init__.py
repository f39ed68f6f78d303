"""The nouns of the kubernetes engine."""
