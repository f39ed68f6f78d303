"""Pilothouse: a terminal cockpit for Docker, Docker Swarm and Kubernetes."""

__version__ = "0.1.0"
