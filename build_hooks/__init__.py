"""Build time: stamps what is shipped with its commit, date and channel.

Facts come from the environment (`overrides`), the tree's own stamp (`own_stamp`),
`git` or an archive (`git_archive`), are judged once (`resolve`), and become the
bytes of two files (`stamped_files`). The Hatch plugin (`plugin`) and the command
line (`cli`) are two doors to the same rooms.

The standard library is all this package needs; hatchling is there where the
plugin runs, and GitPython where a release is cut (`cut`).
"""
