"""The Swarm engine: nodes, services and tasks of the swarm that a Docker host manages."""
