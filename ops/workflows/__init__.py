"""What GitHub's workflows ask and say: which environments, the comment on a pull request, the issue about drift."""
