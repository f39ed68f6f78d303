"""A swarm of made-up nodes: services, their tasks, rolling updates, secrets and configs."""
