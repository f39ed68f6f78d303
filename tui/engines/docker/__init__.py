"""The Docker engine: containers, images, volumes and networks of one host."""
