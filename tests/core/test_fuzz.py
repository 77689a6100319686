"""Garbage does no harm to whatever reads other people's bytes. The same for longer, and guided: `make fuzz`."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.fuzz.garbage import garbage
from support.fuzz.targets import TARGETS, Target


@pytest.fixture(params=list(TARGETS))
def target(request: pytest.FixtureRequest) -> Target:
    chosen: Target = TARGETS[request.param]
    return chosen


def test_what_it_is_made_for_is_taken(target: Target) -> None:
    for data in target.seeds():
        target.feed(data)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(number=st.integers(0, 1 << 32))
def test_garbage_is_refused_or_taken(target: Target, number: int) -> None:
    target.feed(garbage(target.seeds(), random.Random(number)))


# ---- what it found


def test_a_registry_whose_damage_is_no_text_is_refused() -> None:
    registry = TARGETS["den"].seeds()[0]
    TARGETS["den"].feed(registry.replace(b"CREATE TABLE models", b"CREAT\xed TABLE models"))
