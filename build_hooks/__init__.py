"""Stamps what a project ships with its commit, date and channel, at build time.

Facts come from the environment (`overrides`), the tree's own stamp (`own_stamp`), `git`
or an archive (`git_archive`). `resolve` reads them, `decide` decides the stamp, and
`stamped_files` renders it as two files. The Hatch plugin (`plugin`) and the command line
(`cli`) use the same functions.

The package needs only the standard library and git; the plugin also needs hatchling.
"""
