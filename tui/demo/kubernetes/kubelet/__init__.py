"""What happens on the nodes: images are pulled, containers start, crash and stop, and say things meanwhile."""
