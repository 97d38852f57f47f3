"""The receiver: `src` is its TypeScript, `local` runs it on this machine, from Python."""
