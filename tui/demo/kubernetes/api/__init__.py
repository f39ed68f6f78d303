"""The API server: requests come in as HTTP, and go out as the real one answers them."""
