"""The catalogue answers what no single record can: gaps, learning order, cover, hours, who uses what."""

import pytest
from trees import ROOT, SMALL, copy_of, edit

from kb.model import KINDS, Cadence, Level
from kb.rules import check


@pytest.fixture
def small(tmp_path):
    return copy_of(SMALL, tmp_path / "small")


@pytest.fixture(scope="module")
def handbook():
    return check(ROOT)[0]


def test_a_gap_counts_the_levels_still_to_climb():
    catalogue = check(SMALL)[0]
    gaps = catalogue.gap("technologist", "wire-lead")
    assert [(gap.competency, gap.has, gap.needs, gap.steps) for gap in gaps] == [
        ("money", None, Level.AWARENESS, 1),
        ("wires", None, Level.EXPERT, 4),
    ]
    assert [gap.competency for gap in catalogue.gap("technologist", "floor-lead")] == ["money", "wires"]


def test_a_plan_closes_each_gap_once_and_after_those_that_it_builds_on(handbook):
    for background in handbook.records("background"):
        for role in handbook.records("role"):
            plan = [gap.competency for gap in handbook.plan(background, role)]
            assert sorted(plan) == sorted(gap.competency for gap in handbook.gap(background, role))
            for place, id in enumerate(plan):
                assert not set(handbook.get("competency", id).requires) & set(plan[place:]), (background, role, id)


def test_a_plan_begins_with_what_the_tasks_of_the_role_ask_for(handbook):
    plan = [gap.competency for gap in handbook.plan("radiologic-technologist", "systems-administrator")]
    assert set(plan[:4]) >= {"networks", "dicom"}
    # Of the role's own area comes first what most of its tasks ask for; what no task asks for comes last.
    assert plan.index("security") < plan.index("databases") < plan.index("strategy")


def test_a_plan_copes_with_a_cycle_of_requirements(small):
    edit(small, "data/competencies/wires.yml", "learn:", "requires: [money]\nlearn:")
    edit(small, "data/competencies/money.yml", "learn:", "requires: [wires]\nlearn:")
    catalogue = check(small)[0]
    assert {gap.competency for gap in catalogue.plan("technologist", "wire-lead")} == {"money", "wires"}


def test_competencies_are_learned_after_those_they_require(small):
    edit(small, "data/competencies/workflow.yml", "learn:", "requires: [wires]\nlearn:")
    assert check(small)[0].learning_order == ["money", "wires", "workflow"]


def test_the_learning_order_holds_every_competency_even_in_a_cycle(small):
    edit(small, "data/competencies/wires.yml", "learn:", "requires: [money]\nlearn:")
    edit(small, "data/competencies/money.yml", "learn:", "requires: [wires]\nlearn:")
    assert sorted(check(small)[0].learning_order) == ["money", "wires", "workflow"]


def test_every_requirement_in_the_handbook_is_learned_first(handbook):
    order = handbook.learning_order
    assert sorted(order) == sorted(handbook.entries["competency"])
    for id, competency in handbook.records("competency").items():
        assert all(order.index(needed) < order.index(id) for needed in competency.requires)


def test_a_named_task_wins_over_its_area(small):
    edit(small, "data/staffing.yml", "leads: [technical]", "leads: [technical, draw-map]")
    catalogue, found = check(small)
    assert found == []
    staffing = catalogue.get("staffing", "two-people")
    assert {id: [person.title for person in people] for id, people in catalogue.owners(staffing).items()} == {
        "count-money": ["Head technologist"],
        "draw-map": ["Analyst"],
        "fix-wires": ["Analyst"],
    }


def test_hours_are_occurrences_times_effort_over_the_working_weeks(small):
    edit(small, "data/tasks/fix-wires.yml", "cadence: weekly", "cadence: project\nper_year: 5")
    edit(small, "data/staffing.yml", "size: small", "size: medium")
    catalogue, found = check(small)
    assert found == []
    staffing = catalogue.get("staffing", "two-people")
    head, analyst = staffing.people
    assert catalogue.hours_of(staffing, analyst) == pytest.approx(5 * 1.5 / 50)
    assert catalogue.hours_of(staffing, head) == pytest.approx((1 * 1.5 + 12 * 1.5) / 50)


def test_every_cadence_can_be_planned(handbook):
    for task in handbook.records("task").values():
        assert 0 < task.hours_per_year("small") <= task.hours_per_year("medium") <= task.hours_per_year("large")
    assert {task.cadence for task in handbook.records("task").values()} <= set(Cadence)


def test_what_names_a_record_is_found_without_being_typed():
    catalogue = check(SMALL)[0]
    assert [entry.id for entry in catalogue.named_by["clause", "wires-1"]] == ["count-money", "draw-map", "fix-wires"]
    assert catalogue.tasks_for("wires") == [("fix-wires", Level.WORKING)]
    assert "index.md" in catalogue.pages_citing["handbook-of-tests"]
    assert "competencies/wires.md" in catalogue.pages_citing["handbook-of-tests"]


def test_the_handbook_holds_what_the_article_names(handbook):
    counts = {kind: len(entries) for kind, entries in handbook.entries.items()}
    assert counts["task"] >= 20
    assert counts["competency"] >= 30
    assert counts["term"] >= 100
    assert set(handbook.entries["role"]) == {"application-specialist", "pacs-manager", "systems-administrator"}
    answered = {claim for task in handbook.records("task").values() for claim in task.seed}
    named_in_the_article = {
        "reading-room-design", "physician-classes", "fewer-workflow-steps", "implementation-plan", "benchmarks",
        "return-on-investment", "leadership-buy-in", "modality-integration", "disaster-recovery",
        "performance-and-capacity", "vendor-service", "small-sites-share",
    }  # fmt: skip
    assert named_in_the_article <= answered


def test_the_model_knows_no_site_generator():
    for path in (ROOT / "scripts" / "kb").glob("*.py"):
        assert not [
            line for line in path.read_text("utf-8").splitlines() if line.startswith(("import mkdocs", "from mkdocs"))
        ]


def test_every_field_has_a_help_text():
    seen, waiting = set(), [kind.model for kind in KINDS.values()]
    schemas = [model.model_json_schema() for model in waiting]
    for schema in schemas:
        for part in (schema, *schema.get("$defs", {}).values()):
            for name, field in part.get("properties", {}).items():
                seen.add(name)
                assert field.get("description"), name
    assert {"title", "competencies", "levels", "what", "low"} <= seen
