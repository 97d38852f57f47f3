"""An app that gives the demo host the commands that ours is measured beside."""
