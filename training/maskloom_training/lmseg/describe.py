"""Sentences about classes: the synthetic world's own describer.

A class is described by one or several sentences; their embeddings are averaged. Six variants, as the prompts that
LMSeg compares: the bare name, a template, one attribute (colour; shape and size; texture and material), all.
For the world's invented classes the attributes are the whole meaning; the name says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

VARIANTS = ("name", "template", "colour", "shape-size", "texture-material", "all")
SCHEMA = "maskloom.descriptions/1"

STUFF_LOOKS: dict[str, tuple[str, str]] = {
    "sky": ("pale blue", "smooth"),
    "water": ("dark blue", "rippled"),
    "grass": ("dull green", "bladed"),
    "sand": ("pale yellow", "grainy"),
    "snow": ("white", "soft"),
    "rock": ("grey", "rough"),
}
"""Colour and material of the world's stuff, in words (its palette and grain)."""


@dataclass(frozen=True)
class InventedClass:
    """A made-up class: its name says nothing, its attributes say everything."""

    name: str
    shape: str
    colour: str
    texture: str


def with_article(words: str) -> str:
    """ "a star", "an ostrix": "an" before a, e, i, o or u."""
    return f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"


def template(label: str, article: bool = True) -> list[str]:
    """CAT-Seg's single template."""
    return [f"a photo of {with_article(label) if article else label} in the scene"]


def describe_invented(c: InventedClass, variant: str) -> list[str]:
    """The name with the attribute, then the attribute alone."""
    if variant == "name":
        return [c.name]
    if variant == "template":
        return template(c.name)
    nouns, alone = {
        "colour": (f"{c.colour} thing", c.colour),
        "shape-size": (c.shape, c.shape),
        "texture-material": (f"{c.texture} thing", c.texture),
        "all": (f"{c.texture} {c.colour} {c.shape}",) * 2,
    }[variant]
    return [f"{nouns} called {c.name}", alone]


def describe_shape(shape: str, variant: str) -> list[str]:
    """A listed shape: everything but the shape may vary, which is what the attributes say."""
    if variant == "name":
        return [shape]
    if variant == "template":
        return template(shape)
    rest = {
        "colour": " of any colour",
        "shape-size": ", small, medium or large",
        "texture-material": ", plain, striped or dotted",
        "all": " of any colour, small, medium or large, plain, striped or dotted",
    }[variant]
    return [shape + rest, shape]


def describe_stuff(stuff: str, variant: str) -> list[str]:
    """A background region."""
    if variant == "name":
        return [stuff]
    if variant == "template":
        return template(stuff, article=False)
    colour, material = STUFF_LOOKS[stuff]
    sentence = {
        "colour": f"{colour} {stuff}",
        "shape-size": f"{stuff} all over the ground",
        "texture-material": f"{material} {stuff}",
        "all": f"{material} {colour} {stuff} all over the ground",
    }[variant]
    return [sentence, stuff]


def describe(label: str, variant: str, vocabulary: dict) -> list[str]:
    """Sentences of any label under a world's vocabulary block; one that it does not know gets the template (with an
    article), or stays bare under "name". Raises ValueError for an unknown variant."""
    if variant not in VARIANTS:
        raise ValueError(f"variant is {variant!r}; it must be one of {', '.join(VARIANTS)}.")
    for c in vocabulary.get("invented", ()):
        if c["name"] == label:
            return describe_invented(InventedClass(c["name"], c["shape"], c["colour"], c["texture"]), variant)
    if label in vocabulary["shapes"]:
        return describe_shape(label, variant)
    if label in vocabulary["stuff"]:
        return describe_stuff(label, variant)
    return [label] if variant == "name" else template(label)


def descriptions(vocabulary: dict) -> dict:
    """Every description of a world's classes, as the bundle stores them (lmseg/descriptions.json)."""
    kinds = (
        [(s, "shape") for s in vocabulary["shapes"]]
        + [(s, "stuff") for s in vocabulary["stuff"]]
        + [(c["name"], "invented") for c in vocabulary.get("invented", ())]
    )
    classes = {label: {"kind": kind} | {v: describe(label, v, vocabulary) for v in VARIANTS} for label, kind in kinds}
    return {
        "schema": SCHEMA,
        "source": "the synthetic world's describer",
        "variants": list(VARIANTS),
        "classes": classes,
    }
