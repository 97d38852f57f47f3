"""Checks the files of a wheel or an sdist against its metadata and RECORD. Pure."""

from collections import Counter

from build_hooks import record
from build_hooks.artifact import Artifact
from build_hooks.file_names import is_same_project, parse_file_name
from build_hooks.verdicts import Check, join_problems


def check_name(artifact: Artifact) -> Check:
    """Check the file's name against the metadata: installers trust the name."""
    metadata, file = artifact.metadata, artifact.path.name
    if metadata is None:
        return Check("name", "FAIL", "there is no metadata")
    fields = [
        [str(it) for it in metadata.get_all(key, [])] for key in ("Name", "Version")
    ]
    declared = " ".join(" and ".join(values) for values in fields)
    if [len(values) for values in fields] != [1, 1]:
        return Check(
            "name", "FAIL", f"its metadata has another Name or Version: {declared}"
        )
    ((name,), (version,)) = fields
    parsed = parse_file_name(file)
    if parsed is None or not is_same_project(parsed, (name, version)):
        return Check(
            "name", "FAIL", f"the file is {file}, but its metadata says {declared}"
        )
    folder = artifact.dist_info or ""
    stem, _, number = folder.removesuffix(".dist-info").partition("-")
    if artifact.kind == "wheel" and not is_same_project(parsed, (stem, number)):
        return Check(
            "name", "FAIL", f"the file is {file}, but its metadata is in {folder}"
        )
    return Check("name", "ok", f"{file} is {declared}")


def check_record(artifact: Artifact) -> Check:
    """Check every file against the wheel's RECORD."""
    own = f"{artifact.dist_info}/RECORD"
    if own not in artifact.files:
        return Check("record", "FAIL", "there is no RECORD")
    rows = record.list_rows(artifact.files[own].decode("utf-8", "replace"))
    listed = dict(rows)
    # RECORD cannot list its own signatures.
    unlisted = (f"{own}.jws", f"{own}.p7s")
    files = {it for it in artifact.rows if not it.endswith("/") and it not in unlisted}
    counts = Counter(name for name, _ in rows)
    problems = [f"{name} is listed twice" for name in counts if counts[name] > 1]
    problems += [f"{name} is not listed" for name in sorted(files - set(listed))]
    problems += [f"{name} is missing" for name in sorted(set(listed) - files)]
    for name in sorted(files & set(listed) - {own}):
        if listed[name].algorithm not in record.ALGORITHMS:
            known = ", ".join(record.ALGORITHMS)
            problems.append(f"{name} is listed with none of {known}")
        elif listed[name] != artifact.rows[name]:
            problems.append(f"{name} has another hash")
    if problems:
        return Check("record", "FAIL", join_problems(problems))
    return Check("record", "ok", f"{len(files)} files match")
