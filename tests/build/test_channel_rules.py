"""Decision B3 on generated tags: of all tags at a commit, the highest version wins."""

from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from build_hooks import tags

_PARTS = st.integers(0, 30)
_NOISE = st.text("abv0123456789.-", max_size=12)


@st.composite
def releases(draw: st.DrawFn) -> tuple[str, Version]:
    """Draw a tag's name in any form, and its version as `packaging` parses it."""
    n = draw(_PARTS)
    epoch = draw(st.sampled_from(["", "1!"]))
    release = epoch + ".".join(map(str, draw(st.lists(_PARTS, min_size=1, max_size=4))))
    form, pep440 = draw(
        st.sampled_from(
            [
                ("{r}", "{r}"),
                ("{r}a{n}", "{r}a{n}"),
                ("{r}-alpha.{n}", "{r}a{n}"),
                ("{r}b{n}", "{r}b{n}"),
                ("{r}-beta.{n}", "{r}b{n}"),
                ("{r}rc{n}", "{r}rc{n}"),
                ("{r}-rc.{n}", "{r}rc{n}"),
                ("{r}.post{n}", "{r}.post{n}"),
                ("{r}.dev{n}", "{r}.dev{n}"),
                ("{r}rc1.dev{n}", "{r}rc1.dev{n}"),
                ("{r}RC{n}", "{r}rc{n}"),
                ("{r}-pre.{n}", "{r}rc{n}"),
                ("{r}-{n}", "{r}.post{n}"),
                ("{r}.post1.dev{n}", "{r}.post1.dev{n}"),
                ("{r}rc1.post{n}", "{r}rc1.post{n}"),
            ]
        )
    )
    prefix = draw(st.sampled_from(["v", ""]))
    return prefix + form.format(r=release, n=n), Version(pep440.format(r=release, n=n))


@given(st.lists(releases(), min_size=1), st.lists(_NOISE), st.randoms())
def test_versions_are_ordered_as_packaging_orders_them(drawn, noise, random) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  # as drawn
    names = [name for name, _ in drawn] + [it for it in noise if tags.parse(it) is None]
    random.shuffle(names)

    found = [dict(drawn)[tag.name] for tag in tags.find_releases(names)]

    assert found == sorted((dict(drawn)[name] for name, _ in drawn), reverse=True)


@given(releases())
def test_the_channel_follows_from_the_version(release: tuple[str, Version]) -> None:
    name, version = release
    tag = tags.parse(name)

    assert tag is not None
    expected = (
        "dev"
        if version.is_devrelease
        else "beta"
        if version.is_prerelease
        else "stable"
    )
    assert tag.channel == expected


@given(st.lists(releases(), min_size=1))
def test_a_final_is_above_its_candidates(drawn: list[tuple[str, Version]]) -> None:
    names = [name for name, _ in drawn]
    candidate, *_ = tags.find_releases(names)

    winner, *_ = tags.find_releases([*names, f"v{candidate.release}"])

    assert winner.channel == "stable"


@given(st.text(max_size=300))
def test_no_name_breaks_the_parser(name: str) -> None:
    tag = tags.parse(name)

    assert tag is None or tag.name == name
