"""A Docker host that is not there: the Engine API with its behaviour, for the demo and for tests."""
