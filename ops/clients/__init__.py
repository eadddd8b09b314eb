"""What talks to the outside and knows no environment: AWS, GitHub, sources of charts."""
