"""An app that gives the demo project the commands that ours is measured beside."""
