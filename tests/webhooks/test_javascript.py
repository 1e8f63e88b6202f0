"""JSON as Node writes it: recorded vectors everywhere, the real Node where there is one."""

import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lusha_async.webhooks._javascript import canonical, stringify

HERE = Path(__file__).parent
VECTORS: list[tuple[str, str | None]] = json.loads((HERE / "javascript_vectors.json").read_text())
NODE = shutil.which("node")

# Reads JSON strings, one a line; answers with what JSON.stringify(JSON.parse(text)) gives, as hexadecimal UTF-8.
_SERVE = """
const rl = require("readline").createInterface({input: process.stdin});
rl.on("line", (line) => {
  let out = "error";
  try { out = Buffer.from(JSON.stringify(JSON.parse(JSON.parse(line))), "utf8").toString("hex"); } catch {}
  process.stdout.write(out + "\\n");
});
"""

texts = st.text(st.characters(codec=None), max_size=20)
names = texts | st.integers(-5, 2**33).map(str) | st.sampled_from(["__proto__", "toJSON", "constructor", "00", ""])
numbers = (
    st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(0, 2**64 - 1)
    .map(lambda bits: struct.unpack("<d", bits.to_bytes(8, "little"))[0])
    .filter(lambda number: number == number and abs(number) != float("inf"))
)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names, inner, max_size=8),
    max_leaves=25,
)


def refused(body: bytes) -> bool:
    """Whether `canonical` takes `body` for no JSON."""
    try:
        canonical(body)
    except ValueError:
        return True
    return False


class Node:
    """A Node that stays up."""

    def __init__(self) -> None:
        assert NODE is not None
        self._process = subprocess.Popen(
            [NODE, "-e", _SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii"
        )

    def ask(self, text: str) -> bytes | None:
        """What Node makes of the JSON `text`; None if it does not take it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(text) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        return None if answer == "error" else bytes.fromhex(answer)

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def node() -> Any:
    """A Node to ask; the test is skipped where there is none."""
    if NODE is None:
        pytest.skip("there is no Node on this machine; the recorded vectors are checked everywhere")
    server = Node()
    yield server
    server.close()


@pytest.mark.parametrize(("text", "expected"), VECTORS, ids=range(len(VECTORS)))
def test_recorded_vectors(text: str, expected: str | None) -> None:
    """What Node once wrote (or refused) is written (or refused) here, byte for byte."""
    if expected is None:
        assert refused(text.encode())
    else:
        assert canonical(text.encode()) == expected.encode()


def test_vectors_are_what_this_node_writes(node: Node) -> None:
    """The recorded vectors are Node's, not ours."""
    for text, expected in VECTORS:
        assert node.ask(text) == (None if expected is None else expected.encode())


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=values, ascii_only=st.booleans(), indent=st.sampled_from([None, 1, "\t"]))
def test_any_json_is_written_as_node_writes_it(node: Node, value: Any, ascii_only: bool, indent: Any) -> None:
    """Whatever the value and however it was written before, the bytes are those of Node."""
    text = json.dumps(value, ensure_ascii=True, indent=indent)
    if not ascii_only:
        text = json.dumps(value, ensure_ascii=False, indent=indent)
        try:
            text.encode()
        except UnicodeEncodeError:  # lone surrogates can be in a JSON text only as escapes
            text = json.dumps(value, indent=indent)
    assert canonical(text.encode()) == node.ask(text)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text('0123456789.eE+-"\\u{}[]:, \n\u00a0tfnrulasd', max_size=14))
def test_what_node_refuses_is_refused(node: Node, text: str) -> None:
    """Texts that are almost JSON are taken by both or by neither."""
    expected = node.ask(text)
    if expected is None:
        assert refused(text.encode())
    else:
        assert canonical(text.encode()) == expected


@given(value=values)
def test_writing_again_changes_nothing(value: Any) -> None:
    """What was written as JavaScript writes stays as it is."""
    once = stringify(value)
    assert canonical(once) == once


@given(value=values)
def test_python_values_and_their_json_are_written_alike(value: Any) -> None:
    """An object parsed by Python's json is written as its text is."""
    assert stringify(value) == canonical(json.dumps(value).encode())


@pytest.mark.parametrize(
    "body", [b"\xff", b"\xef\xbb\xbf{}", b"NaN", b"[Infinity]", b"", b"{", b"[1,]", b'"\x01"']
)
def test_invalid_json_is_a_value_error(body: bytes) -> None:
    """Bad UTF-8, a byte order mark, Python's extensions of JSON and broken texts are refused."""
    assert refused(body)


def test_deep_nesting_is_refused_not_crashed_on() -> None:
    """A body of brackets ends in a ValueError, reading or writing."""
    assert refused(b"[" * 100_000 + b"]" * 100_000)
    with pytest.raises(ValueError, match="deeply"):
        stringify(_deep(50_000))


def _deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [{1: 2}, object(), b"bytes", {1, 2}])
def test_what_json_has_not_is_a_type_error(value: Any) -> None:
    """Values without a JSON form are refused by type."""
    with pytest.raises(TypeError, match="cannot write"):
        stringify(value)
