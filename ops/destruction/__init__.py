"""The end of an environment: what goes, what stays, what the cluster has made itself and leaves."""
