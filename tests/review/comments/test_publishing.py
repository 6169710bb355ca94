"""Eight jobs write at once, in any order. No section of a job that has succeeded is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pulumi_flyte_review.comments.body import compose, parse
from pulumi_flyte_review.comments.dialect import GITHUB
from pulumi_flyte_review.comments.publishing import Publication, Timing, publish
from pulumi_flyte_review.comments.section import Revision, Section
from pulumi_flyte_review.errors import HostError
from pulumi_flyte_review.rendering.passage import Rank, paragraph

from tests.review.comments.simulation import Conditions, Job, SimulatedHost, World, race

ROUNDS = 30
LONG_ROUNDS = 2000


def section(stack: str, *, run: int = 1, attempt: int = 1, time: int = 1) -> Section:
    return Section(f"shop/{stack}", Revision(run, attempt, time), (paragraph(Rank.CHANGE, f"{stack} in run {run}"),))


EIGHT = [section(f"stack-{n}") for n in range(8)]


def lost(host: SimulatedHost, world: World, sections: list[Section]) -> list[str]:
    """Return the sections of jobs that ended well, and that are not in the one comment that is left."""
    first = min(host.present)
    standing = parse(host.present[first], GITHUB)
    return [
        each.key
        for position, each in enumerate(sections)
        if isinstance(world.results.get(f"{each.key} {position}"), Publication) and standing.get(each.key) != each
    ]


@pytest.mark.parametrize(
    "conditions",
    [
        pytest.param(Conditions(latency=0.2), id="fast"),
        pytest.param(Conditions(latency=2.0), id="slow"),
        pytest.param(Conditions(lag=1.0), id="lagging"),
        pytest.param(Conditions(lag=0.5, busy=0.1), id="busy"),
    ],
)
def test_eight_jobs_lose_nothing(conditions: Conditions) -> None:
    for seed in range(ROUNDS):
        check_round(seed, conditions)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_eight_jobs_lose_nothing_in_thousands_of_races() -> None:
    for seed in range(LONG_ROUNDS):
        latency, lag, busy = (0.1, 0.5, 1.0, 2.0)[seed % 4], (0.0, 0.5, 1.0)[seed % 3], (0.0, 0.1)[seed % 2]
        check_round(seed, Conditions(latency, lag, busy))


def check_round(seed: int, conditions: Conditions) -> None:
    simulated, world = race(EIGHT, conditions, seed=seed)
    assert all(isinstance(result, Publication) for result in world.results.values()), (seed, world.results)
    assert len(simulated.present) == 1, seed
    assert lost(simulated, world, EIGHT) == [], seed


def test_jobs_that_are_killed_take_nobody_with_them() -> None:
    for seed in range(ROUNDS):
        simulated, world = race(EIGHT, Conditions(lag=0.5), seed=seed, killed=4)
        if simulated.present:
            assert lost(simulated, world, EIGHT) == [], seed


def test_next_job_cleans_up_after_killed_ones() -> None:
    for seed in range(ROUNDS):
        simulated, _ = race(EIGHT, seed=seed, killed=8)
        bodies = simulated.present
        before = {key for body in bodies.values() for key in parse(body, GITHUB)}
        after, _ = race_after(bodies, section("late"), seed)
        assert len(after.present) == 1, seed
        (body,) = after.present.values()
        assert set(parse(body, GITHUB)) == before | {"shop/late"}, seed


def race_after(bodies: dict[int, str], late: Section, seed: int) -> tuple[SimulatedHost, World]:
    world = World(seed)
    host = SimulatedHost(world, history=[(0.0, dict(bodies))])
    world.start("late", writer(host, late, world), 1.0)
    world.run()
    return host, world


def writer(host: SimulatedHost, late: Section, world: World) -> Job:
    return publish(host, late, clock=world)


def test_race_is_lost_by_jobs_that_do_not_stay() -> None:
    """Shows that the simulation has races to lose: with a settling time of zero, sections vanish."""
    losses = 0
    for seed in range(ROUNDS):
        simulated, world = race(EIGHT, Conditions(lag=0.5), seed=seed, timing=Timing(settle=0.0, slowness=0.0))
        losses += len(lost(simulated, world, EIGHT))
    assert losses > 0


def test_newer_pipeline_stands_whichever_job_ends_last() -> None:
    old, new = section("dev", run=1), section("dev", run=2)
    for seed in range(ROUNDS):
        simulated, world = race([old, new], Conditions(latency=1.0), seed=seed)
        (body,) = simulated.present.values()
        assert parse(body, GITHUB)["shop/dev"] == new, seed
        assert isinstance(result := world.results["shop/dev 1"], Publication)
        assert not result.superseded


def test_job_of_an_old_pipeline_says_that_a_newer_one_has_reported() -> None:
    new = section("dev", run=2)
    after, world = race_after({7: compose({new.key: new}, GITHUB)}, section("dev", run=1), 0)
    assert isinstance(result := world.results["late"], Publication)
    assert result.superseded
    assert result.writes == 0
    assert parse(after.present[7], GITHUB) == {new.key: new}


def test_report_that_no_pipeline_made_replaces_what_is_there_until_the_next_pipeline() -> None:
    by_hand = section("dev", run=0, attempt=0, time=5)
    first, _ = race_after({7: compose({"shop/dev": section("dev", run=3)}, GITHUB)}, by_hand, 0)
    standing = parse(first.present[7], GITHUB)["shop/dev"]
    assert standing.passages == by_hand.passages
    second, _ = race_after(first.present, section("dev", run=4), 0)
    assert parse(second.present[7], GITHUB)["shop/dev"] == section("dev", run=4)


def test_comment_that_somebody_deletes_comes_back() -> None:
    world = World(0)
    host = SimulatedHost(world)
    world.start("dev", writer(host, section("dev"), world), 0.0)
    world.start("deletion", delete_all(host, world), 4.0)
    world.run()
    (body,) = host.present.values()
    assert set(parse(body, GITHUB)) == {"shop/dev"}


async def delete_all(host: SimulatedHost, world: World) -> None:
    await world.sleep(0.1)
    for number in list(host.present):
        host._remove(number)


def test_host_that_stays_busy_is_an_error_with_the_time_to_wait() -> None:
    simulated, world = race([section("dev")], Conditions(busy=1.0), seed=1, timing=Timing(give_up=20))
    assert isinstance(error := world.results["shop/dev 0"], HostError)
    assert "run the job again" in str(error)
    assert simulated.requests < 10


def test_section_that_is_removed_goes_and_no_other_job_restores_it() -> None:
    gone, stays = section("gone"), section("stays")
    removal = replace(gone, revision=Revision(2, 1, 2), passages=())
    body = compose({gone.key: gone, stays.key: stays}, GITHUB)
    for seed in range(ROUNDS):
        world = World(seed)
        host = SimulatedHost(world, history=[(0.0, {7: body})])
        world.start("other", writer(host, section("stays", run=2), world), 0.0)
        world.start("removal", writer(host, removal, world), 0.5)
        world.run()
        text = host.present[7]
        assert "gone in run 1" not in text, seed
        assert "stays in run 2" in text, seed
        assert isinstance(world.results["removal"], Publication)
    again, _ = race_after(host.present, section("gone", run=3), 0)
    assert "gone in run 3" in again.present[7], "a stack that comes back reports again"


def test_last_section_that_is_removed_leaves_a_sentence() -> None:
    gone = section("gone")
    removal = replace(gone, revision=Revision(2, 1, 2), passages=())
    after, _ = race_after({7: compose({gone.key: gone}, GITHUB)}, removal, 0)
    shown = [line for line in after.present[7].splitlines() if line and GITHUB.reveal(line) is None]
    assert shown == ["*There is no report on a stack any more.*"]


def test_removal_of_a_section_that_is_not_there_writes_nothing() -> None:
    removal = Section("shop/typo", Revision(2, 1, 2), ())
    present = {7: compose({"shop/dev": section("dev")}, GITHUB)}
    after, world = race_after(present, removal, 0)
    assert "no section 'shop/typo': it has shop/dev" in str(world.results["late"])
    assert after.present == present
    empty, world = race_after({}, removal, 0)
    assert isinstance(world.results["late"], Publication)
    assert empty.present == {}


def test_unchanged_section_is_not_written_again() -> None:
    same = section("dev")
    _, world = race_after({7: compose({same.key: same}, GITHUB)}, replace(same), 0)
    assert isinstance(result := world.results["late"], Publication)
    assert result.writes == 0
