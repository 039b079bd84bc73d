"""How far apart two colours are, also for eyes that see fewer of them."""

from __future__ import annotations

import re
from pathlib import Path

VARIABLES = Path(__file__).parent.parent.parent / "ndscheduler" / "static" / "css" / "variables.css"

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

# On linear RGB, at full severity. Source: Machado, Oliveira, Fernandes: A physiologically-based
# model for simulation of color vision deficiency, 2009.
EYES: dict[str, Matrix] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}

# Linear RGB to XYZ, D65 (IEC 61966-2-1).
XYZ: Matrix = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE: Triple = (0.95047, 1.0, 1.08883)


def theme_colours(theme: str) -> dict[str, str]:
    """The colours of `theme` (light or dark) by the names of their variables, as "#rrggbb"."""
    block = re.search(rf'\[data-bs-theme="{theme}"\] \{{(.*?)\}}', VARIABLES.read_text(), re.S)
    assert block is not None
    return dict(re.findall(r"--nd-([\w-]+): (#[0-9a-f]{6});", block[1]))


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2, from 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def distance(one: str, other: str, eyes: str = "usual") -> float:
    """The distance in CIELAB (1976); about 2.3 is what trained eyes just see side by side."""
    pairs = zip(_lab(one, EYES[eyes]), _lab(other, EYES[eyes]), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


def _linear(colour: str) -> Triple:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _expanded(red), _expanded(green), _expanded(blue)


def _expanded(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _times(matrix: Matrix, vector: Triple) -> Triple:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def _luminance(colour: str) -> float:
    return _times(XYZ, _linear(colour))[1]


def _lab(colour: str, eyes: Matrix) -> Triple:
    seen = _times(eyes, _linear(colour))
    red, green, blue = (min(1.0, max(0.0, value)) for value in seen)
    x, y, z = (
        _curved(value / white)
        for value, white in zip(_times(XYZ, (red, green, blue)), WHITE, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _curved(value: float) -> float:
    return value ** (1 / 3) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29
