"""A small cluster inside the program: it speaks the Kubernetes API on loopback, and its controllers and kubelets are at work."""
