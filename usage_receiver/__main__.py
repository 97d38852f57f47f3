"""`python -m usage_receiver`: the command `usage-receiver`."""

from usage_receiver.cli import main

raise SystemExit(main())
