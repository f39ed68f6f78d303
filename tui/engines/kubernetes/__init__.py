"""The Kubernetes engine: one context of the kubeconfig, watched by a reflector of our own."""
