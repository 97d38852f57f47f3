"""Secrets are compared without a hint at how much of a guess is right."""

import json
import subprocess

import pytest

from worker.local import toolchain

SECRET = "é" + 31 * "a" + 32 * "b"  # 64 characters, 65 bytes
# Counts how often the compared bytes are read: an early end would read fewer.
_SCRIPT = """
let reads = 0;
globalThis.TextEncoder = class {
  encode(text) {
    return new Proxy([...Buffer.from(text)], {
      get(bytes, name) {
        reads += /^[0-9]+$/.test(String(name)) ? 1 : 0;
        return Reflect.get(bytes, name);
      },
    });
  }
};
const { isSecret } = await import(URL);
console.log(JSON.stringify(PAIRS.map(([sent, secret]) => {
  reads = 0;
  return [isSecret(sent, secret), reads];
})));
"""


def compare(*sent: str) -> list[tuple[bool, int]]:
    """Whether each text is the secret, and how many bytes were read to decide that."""
    url = (toolchain.WORKER / "src" / "http" / "secret.ts").as_uri()
    pairs = json.dumps([(text, SECRET) for text in sent])
    script = _SCRIPT.replace("URL", json.dumps(url)).replace("PAIRS", pairs)
    done = subprocess.run(
        (toolchain.NODE, "--input-type=module", "--eval", script),
        capture_output=True,
        text=True,
        check=True,
    )
    return [tuple(result) for result in json.loads(done.stdout)]


def test_the_same_number_of_bytes_is_read_for_every_guess() -> None:
    """Right, wrong at the start, wrong at the end, wrong everywhere, and much longer."""
    guesses = (SECRET, f"è{SECRET[1:]}", f"{SECRET[:-1]}c", 65 * "x", 999 * "a")

    results = compare(*guesses)

    assert [equal for equal, _ in results] == [True, False, False, False, False]
    assert {reads for _, reads in results} == {2 * len(SECRET.encode())}


@pytest.mark.parametrize(
    "guess",
    ["", SECRET[:-1], f"{SECRET}a", f"{SECRET}\0", f"e{SECRET[1:]}", SECRET * 2],
)
def test_only_the_whole_secret_is_equal(guess: str) -> None:
    ((equal, _),) = compare(guess)

    assert not equal
