"""What differs between the systems: how they live, and what follows from it."""
