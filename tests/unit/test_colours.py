"""The colours of the page: text can be read, and states stay apart, also for colour-blind eyes."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.ui.colours import EYES, contrast, distance, theme_colours

THEMES = ("light", "dark")
GROUNDS = ("bg", "bg-soft", "bg-hover", "accent-soft")
# WCAG 2 AA for text; icons and bars would need 3.
TEXT = 4.5
# Distances in CIELAB: to tell a bar beside another, and at a glance what went well from what not.
SIDE_BY_SIDE = 8.5
AT_A_GLANCE = 14.0
BAD = ("failed", "timeout", "error", "missed", "interrupted")
# Drawn alike, but this one only as a broken outline.
ALIKE = {frozenset(("failed", "interrupted"))}


def states(theme: str) -> dict[str, str]:
    found = theme_colours(theme).items()
    own = {name.removeprefix("state-"): it for name, it in found if name.startswith("state-")}
    # A user's own state is told by its word alone.
    del own["other"]
    return own


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("theme", THEMES)
def test_text_and_states_can_be_read_on_every_ground(theme: str, ground: str) -> None:
    colours = theme_colours(theme)
    names = [name for name in colours if name.startswith(("state-", "text"))] + ["accent"]

    low = {name: contrast(colours[name], colours[ground]) for name in names}

    assert {name: ratio for name, ratio in low.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", THEMES)
def test_states_stay_apart(theme: str, eyes: str) -> None:
    pairs = combinations(states(theme).items(), 2)

    near = {
        (one, other): round(distance(mine, theirs, eyes), 1)
        for (one, mine), (other, theirs) in pairs
        if frozenset((one, other)) not in ALIKE and distance(mine, theirs, eyes) < SIDE_BY_SIDE
    }

    assert near == {}


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", THEMES)
def test_what_went_wrong_is_seen_among_what_went_well(theme: str, eyes: str) -> None:
    colours = states(theme)

    near = {bad: distance(colours[bad], colours["succeeded"], eyes) for bad in BAD}

    assert {bad: at for bad, at in near.items() if at < AT_A_GLANCE} == {}


def test_a_distance_is_that_of_the_eyes() -> None:
    assert distance("#000000", "#ffffff") == pytest.approx(100, abs=0.1)
    assert distance("#c00000", "#606000") > 2 * distance("#c00000", "#606000", "deuteranopia")


def test_black_on_white_has_the_greatest_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
