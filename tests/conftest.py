"""For every test: generated cases are the same in every run, and none is timed."""

import hypothesis

hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
hypothesis.settings.load_profile("project")
