"""An app of its own: what an administrator makes once, before workflows deploy an environment."""
