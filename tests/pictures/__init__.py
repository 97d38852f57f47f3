"""Takes the pictures of the docs, and checks what they show: `nox -s pictures`."""
