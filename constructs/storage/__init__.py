"""Buckets, closed to the public, for logs of tasks and of the load balancer; the repository of images."""
