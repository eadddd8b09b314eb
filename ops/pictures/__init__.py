"""Pictures of an environment, drawn from the JSON that a synth writes; nothing is drawn that isn't in it."""
