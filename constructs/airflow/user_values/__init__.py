"""helm/values.yaml: read, and everything in it judged that is not the user's to say."""
