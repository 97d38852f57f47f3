"""Build time: stamps what is shipped with its commit, date and channel.

Facts come from the sdist itself or from git (`sources`), are judged once
(`resolve`), and become the bytes of two files (`stamped_files`). The Hatch
plugin (`plugin`) and the command line (`cli`) are two doors to the same rooms.

The standard library is all this package needs; hatchling is there where the
plugin runs.
"""
