"""An app that adds the commands that the benchmark compares ours with."""
