"""The server. Its own code is TypeScript, in `src`; `local` runs it from Python."""
