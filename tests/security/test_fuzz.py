"""Whatever is sent to the API by whomever: no server error, no hang, no answer but those described.

`make fuzz` sends 20,000 requests, each run others; a few, always the same, are part of all tests.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from schemathesis import GenerationMode

from tests.security.fuzzing import DEADLINE_SECONDS, Fuzzer, troubles
from tests.security.people import people_of

REQUESTS = int(os.environ.get("NDSCHEDULER_TEST_FUZZ_REQUESTS", "1000"))
SEED = int(os.environ.get("NDSCHEDULER_TEST_FUZZ_SEED", "1"))
EXAMPLES = 3


# schemathesis draws from Python's own random numbers here and there.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.timeout(max(300, REQUESTS))
def test_whatever_anybody_sends_the_answer_is_one_that_is_described(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with people_of(tmp_path, JOB_CLASS_PACKAGES=["extra_jobs"]) as people, troubles() as seen:
        fuzzer = Fuzzer(people)
        seed = SEED
        while fuzzer.tally.total < REQUESTS:
            for operation in fuzzer.operations:
                for mode in GenerationMode:
                    fuzzer.run(operation, mode, EXAMPLES, seed)
            seed += 1
        fuzzer.close()
        ready = people.api.get("/readyz")

    with capsys.disabled():
        print(f"\nseed {SEED}:", *fuzzer.tally.lines(), sep="\n")
    assert ready.status_code == 200
    assert seen == []
    assert len(fuzzer.tally.urls) == len(fuzzer.operations)
    assert fuzzer.tally.slowest[0] < DEADLINE_SECONDS
