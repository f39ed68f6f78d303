"""Engines: live connections to Docker hosts, swarms and clusters; the only place that imports docker or kubernetes."""
