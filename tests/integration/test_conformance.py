"""The official conformance suite passes, in both revisions, at the kit's own HTTP edge and through the gateway."""

from pathlib import Path

import pytest

from support import suite
from support.paths import everything, fixture
from support.process import Program

REQUIRED = {"2025-11-25": 30, "2026-07-28": 37}
PENDING = ["http-header-validation", "http-custom-header-server-validation"]


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, suite.Verdict]:
    """What the suite says of the SDK's own server: the yardstick no target may fall below."""
    directory = tmp_path_factory.mktemp("reference")
    server = Program(fixture("--http"), directory / "fixture.log").wait_listening()
    try:
        return {r: suite.run(server.url, directory / r, "--requirements", r) for r in REQUIRED}
    finally:
        server.stop(check=False)


@pytest.fixture(params=["fixture", "everything --http", "gatehouse -- everything"])
def target(request: pytest.FixtureRequest) -> Program:
    """Each server the suite must pass on; the first needs no build and proves the rig."""
    match request.param:
        case "fixture":
            return request.getfixturevalue("fixture_http")()
        case "everything --http":
            return request.getfixturevalue("everything_http")()
        case _:
            return request.getfixturevalue("gatehouse")("--", *everything())


@pytest.mark.parametrize("requirements", REQUIRED)
def test_every_required_scenario_passes(target, requirements, reference, tmp_path: Path, record_counts) -> None:
    verdict = suite.run(target.url, tmp_path / "results", "--requirements", requirements)
    scenarios = suite.scored(requirements)
    passed = [s for s in scenarios if verdict.passes(s)]
    record_counts(f"{len(passed)} of {len(scenarios)} scored, {verdict.count('SUCCESS', scenarios)} checks passed")
    assert len(scenarios) == REQUIRED[requirements]
    assert passed == scenarios, verdict.problems([s for s in scenarios if s not in passed])
    assert verdict.exit_code == 0, verdict.output[-3000:]
    assert suite.lost(reference[requirements], verdict, scenarios) == []


@pytest.mark.parametrize("scenario", PENDING)
def test_pending_header_scenarios_pass(target, scenario: str, reference, tmp_path: Path, record_counts) -> None:
    verdict = suite.run(target.url, tmp_path / "results", "--scenario", scenario, "--spec-version", "2026-07-28")
    record_counts(f"{verdict.count('SUCCESS', [scenario])} checks passed")
    assert verdict.passes(scenario), verdict.problems([scenario])
    assert verdict.exit_code == 0, verdict.output[-3000:]
    assert suite.lost(reference["2026-07-28"], verdict, [scenario]) == []
