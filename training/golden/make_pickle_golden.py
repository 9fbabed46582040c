"""Writes packages/data/fixtures/pickles.json: pickles of plain data in every protocol, and what they hold.

Run from the repository root: `training/.venv/bin/python training/golden/make_pickle_golden.py`. The bytes are those of
Python's own pickle module; the strings of Python 2 (`S`, `T`, `U`) are written by the same module with the rule that
Python 2 had for its `str`.
"""

import base64
import collections
import io
import json
import pickle
import struct
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "packages/data/fixtures/pickles.json"

VALUES: dict[str, object] = {
    "numbers": [
        0,
        1,
        -1,
        127,
        128,
        255,
        256,
        65535,
        65536,
        -32768,
        2**31 - 1,
        -(2**31),
        2**40,
        -(2**52),
        0.5,
        -1e300,
        3.0,
    ],
    "constants": [None, True, False, [], {}, (), "", b""],
    "text": ["plain", "quote's", "both \"'", "line\nfeed\ttab\\", "café", "日本語", "😀", "x" * 300, "\x00\x01"],
    "bytes": [b"abc", bytes(range(128)), b"z" * 300],
    "tuples": [(1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((1,),))],
    "nested": {"a": [{"b": {"c": [1, [2, [3]]]}}], "1": "one"},
    "sets": [sorted({1}), sorted({5})],
    "shared": None,
    "refs": [
        {
            "sent_ids": [0, 1],
            "file_name": "COCO_train2014_000000581857_16.jpg",
            "ann_id": 1719310,
            "ref_id": 0,
            "image_id": 581857,
            "split": "train",
            "sentences": [
                {"tokens": ["the", "lady"], "raw": "THE LADY WITH THE BLUE SHIRT", "sent_id": 0, "sent": "the lady"},
                {"tokens": ["café"], "raw": "café", "sent_id": 1, "sent": "café"},
            ],
            "category_id": 1,
        }
    ],
}
SHARED = {"twice": "once"}
VALUES["shared"] = [SHARED, SHARED, [SHARED]]


class Python2Pickler(pickle._Pickler):  # noqa: SLF001  (the pure-Python pickler, so that its writer of text can be replaced)
    """Writes `str` as Python 2 wrote its byte strings: STRING below protocol 1, else SHORT_BINSTRING or BINSTRING."""

    dispatch = dict(pickle._Pickler.dispatch)  # noqa: SLF001

    def save_text(self, text: str) -> None:
        """A text as its UTF-8 bytes in Python 2's opcodes."""
        data = text.encode()
        if not self.bin:
            self.write(b"S" + repr(data)[1:].encode("ascii") + b"\n")
        elif len(data) < 256:
            self.write(b"U" + struct.pack("<B", len(data)) + data)
        else:
            self.write(b"T" + struct.pack("<i", len(data)) + data)
        self.memoize(text)

    dispatch[str] = save_text


def python2(value: object, protocol: int) -> bytes:
    """The pickle as Python 2 would have written it."""
    out = io.BytesIO()
    Python2Pickler(out, protocol).dump(value)
    return out.getvalue()


def as_json(value: object) -> object:
    """The value as JSON has it: tuples and sets as lists, bytes as Latin-1 text."""
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("latin-1")
    if isinstance(value, dict):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(v) for v in value]
    return value


def encoded(data: bytes) -> str:
    """Bytes for a JSON file."""
    return base64.b64encode(data).decode("ascii")


def main() -> None:
    """Writes the file."""
    cases = []
    for name, value in VALUES.items():
        if name == "sets":
            value = [{1}, frozenset({5})]
        for protocol in range(6):
            cases.append(
                {
                    "name": f"{name}, protocol {protocol}",
                    "pickle": encoded(pickle.dumps(value, protocol)),
                    "value": as_json(value),
                }
            )
        if name in ("text", "refs", "nested"):
            for protocol in range(3):
                cases.append(
                    {
                        "name": f"{name}, Python 2, protocol {protocol}",
                        "pickle": encoded(python2(value, protocol)),
                        "value": as_json(value),
                    }
                )
    ordered = collections.OrderedDict([("b", 1), ("a", 2)])
    for protocol in range(6):
        cases.append(
            {
                "name": f"ordered, protocol {protocol}",
                "pickle": encoded(pickle.dumps(ordered, protocol)),
                "value": as_json(ordered),
            }
        )
        cases.append(
            {
                "name": f"bytearray, protocol {protocol}",
                "pickle": encoded(pickle.dumps(bytearray(b"ab"), protocol)),
                "value": "ab",
            }
        )
    cycle: list[object] = [1]
    cycle.append({"self": cycle})
    deep: object = []
    for _ in range(200):
        deep = [deep]
    refused = [
        {"name": f"{name}, protocol {protocol}", "pickle": encoded(pickle.dumps(value, protocol))}
        for protocol in (0, 2, 5)
        for name, value in (("a list that holds itself", cycle), ("200 lists inside one another", deep))
    ]
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"cases": cases, "refused": refused}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
