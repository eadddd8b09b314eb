"""Buckets, closed to the public: what they all are, and those for logs of tasks and of the load balancer."""
