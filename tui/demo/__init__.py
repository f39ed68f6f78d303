"""The embedded world: small loopback servers that speak the Docker Engine API and the Kubernetes API."""
