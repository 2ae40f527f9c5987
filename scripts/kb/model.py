"""The records of the handbook: one model for each kind of record, which is also its only schema."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from kb.source import SLUG


class Area(StrEnum):
    """The article's three areas of competency."""

    BEHAVIORAL = "behavioral"
    BUSINESS = "business"
    TECHNICAL = "technical"


class Level(StrEnum):
    """How well somebody masters a competency, in rising order."""

    AWARENESS = "awareness"
    WORKING = "working"
    PRACTITIONER = "practitioner"
    EXPERT = "expert"

    @property
    def rank(self) -> int:
        """1 (awareness) to 4 (expert)."""
        return list(Level).index(self) + 1


class Cadence(StrEnum):
    """How often a task comes up."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    PROJECT = "project"
    EVENT = "event"


# Times in a year of planned work; projects and events say theirs in `per_year`.
PER_YEAR: Mapping[Cadence, float] = {
    Cadence.DAILY: 250,
    Cadence.WEEKLY: 50,
    Cadence.MONTHLY: 12,
    Cadence.QUARTERLY: 4,
    Cadence.YEARLY: 1,
}
WEEKS_PER_YEAR = 50


@dataclass(frozen=True)
class Refers:
    """Marks text that is the id of a record of kind `kind`, or of any record with a page ("paged")."""

    kind: str


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise ValueError("not an id; use lower-case words joined by hyphens, such as 'verify-backups'")
    return text


def _plain_number(text: object) -> object:
    if not re.fullmatch(r"(0|[1-9]\d*)(\.\d+)?", str(text)):
        raise ValueError("not a plain number; write digits such as 4 or 0.5, without leading zeros")
    return text


def _count(text: object) -> object:
    if not re.fullmatch(r"0|[1-9]\d*", str(text)):
        raise ValueError("not a count; write digits such as 0 or 12")
    return text


def _plain_date(text: object) -> object:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(text)):
        raise ValueError("not a date; write year-month-day, such as 2026-11-24")
    return text


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"']+", text):
        raise ValueError("not a web address; begin with https:// and leave no spaces")
    return text


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Slug = Annotated[str, AfterValidator(_slug)]
Number = Annotated[float, BeforeValidator(_plain_number), Field(gt=0)]
Count = Annotated[int, BeforeValidator(_count)]
Day = Annotated[date, BeforeValidator(_plain_date)]
Url = Annotated[str, AfterValidator(_web_address)]
SiteSize = Literal["small", "medium", "large"]
Country = Literal["US", "UK", "EU"]
Texts = tuple[Text, ...]
Some = Field(min_length=1)
Two = Field(min_length=2)
Three = Field(min_length=3)

TaskRef = Annotated[Slug, Refers("task")]
CompetencyRef = Annotated[Slug, Refers("competency")]
RoleRef = Annotated[Slug, Refers("role")]
BackgroundRef = Annotated[Slug, Refers("background")]
SourceRef = Annotated[Slug, Refers("source")]
MeasureRef = Annotated[Slug, Refers("measure")]
ClauseRef = Annotated[Slug, Refers("clause")]
ExamRef = Annotated[Slug, Refers("exam")]
ClaimRef = Annotated[Slug, Refers("claim")]
TermRef = Annotated[Slug, Refers("term")]
RunbookRef = Annotated[Slug, Refers("runbook")]
SymptomRef = Annotated[Slug, Refers("symptom")]
PagedRef = Annotated[Slug, Refers("paged")]


class Model(BaseModel):
    """Base of all records: unknown fields are faults, and nothing changes after loading.

    The text under a field is its help: in the editor, in the field lists and in the checker's messages.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Record(Model):
    """Anything that has an id; `review_every` is the time after which it is due for another look."""

    review_every: ClassVar[timedelta | None] = None


class PagedRecord(Record):
    """A record that has a page of the same name."""

    title: Text
    """the heading of the page"""
    summary: Annotated[Text, Field(max_length=240)]
    """one sentence that tells what it is and what it is for"""
    heard: Texts = ()
    """what people say or type who need the page, in their own words; printed on it, and read by the search"""


class NeededCompetency(Model):
    """A competency that a task needs, and how well."""

    id: CompetencyRef
    """the competency, named like its file in data/competencies/"""
    level: Level
    """awareness, working, practitioner or expert"""


class Effort(Model):
    """Hours that one occurrence takes: a planning assumption."""

    low: Number
    """hours at a small site"""
    high: Number
    """hours at a large site"""


class Task(PagedRecord):
    """A piece of work that comes up in PACS administration."""

    review_every: ClassVar[timedelta | None] = timedelta(days=730)

    title: Text
    """the heading of the page; a task begins with a verb"""
    heard: Annotated[Texts, Two]
    """what people say or type who need the page, in their own words; printed on it, and read by the search"""
    role: RoleRef
    """the role that leads the task"""
    supports: tuple[RoleRef, ...] = ()
    """roles that help"""
    competencies: Annotated[tuple[NeededCompetency, ...], Some]
    """a task maps to at least one competency, as {id, level}; the first is the main one"""
    cadence: Cadence
    """daily, weekly, monthly, quarterly, yearly, project or event"""
    per_year: Number | None = None
    """how often a year a project or an event is planned for; 0.5 is every two years"""
    effort: Effort
    """hours for one occurrence, as {low, high}"""
    deliverables: Annotated[Texts, Two]
    """two or more things that can be held in the hand afterwards"""
    measures: Annotated[tuple[MeasureRef, ...], Some]
    """measures that show whether it works"""
    inputs: Annotated[Texts, Some]
    """what must be there before you start"""
    related: Annotated[tuple[TaskRef, ...], Some]
    """other tasks that a reader of this one needs"""
    exam: Annotated[tuple[ExamRef, ...], Some]
    """domains of the ABII outline that ask for it"""
    standards: tuple[ClauseRef, ...] = ()
    """clauses of standards and rules that govern it"""
    sources: Annotated[tuple[SourceRef, ...], Some]
    """every task has a source"""
    seed: tuple[ClaimRef, ...] = ()
    """statements of the article that it answers"""
    reviewed: Day
    """the day on which somebody last checked the whole page"""
    aliases: tuple[Slug, ...] = ()
    """former names; their addresses lead here"""

    def hours_per_year(self, size: SiteSize) -> float:
        """Planned hours a year at a small, medium or large site: the low, middle or high effort."""
        times = self.per_year or PER_YEAR.get(self.cadence, 0)
        low, high = self.effort.low, self.effort.high
        return times * {"small": low, "medium": (low + high) / 2, "large": high}[size]


class Levels(Model):
    """What can be seen in somebody's work at each level; three behaviors or more for each."""

    awareness: Annotated[Texts, Three]
    """knows that it exists and whom to ask"""
    working: Annotated[Texts, Three]
    """does it with guidance or a checklist"""
    practitioner: Annotated[Texts, Three]
    """does it alone, in unusual cases too"""
    expert: Annotated[Texts, Three]
    """sets the practice, designs and teaches it"""


class Lesson(Model):
    """One way to learn."""

    what: Text
    """what to read or do"""
    source: SourceRef | None = None
    """the source, where it is a document"""


class Question(Model):
    """An interview question."""

    question: Text
    """what to ask"""
    answer: Text
    """what a good answer contains"""


class Competency(PagedRecord):
    """Something to know and be able to do, in four levels of observable behavior."""

    review_every: ClassVar[timedelta | None] = timedelta(days=1095)

    area: Area
    """behavioral, business or technical"""
    knowledge: Annotated[Texts, Three]
    """what one knows, specific enough to be tested"""
    levels: Levels
    """observable behaviors at each of the four levels"""
    requires: tuple[CompetencyRef, ...] = ()
    """competencies to learn first"""
    learn: Annotated[tuple[Lesson, ...], Two]
    """ways to learn it, as {what, source}"""
    show: Annotated[Texts, Two]
    """pieces of evidence that show it"""
    ask: Annotated[tuple[Question, ...], Two]
    """interview questions, as {question, answer}"""
    sources: Annotated[tuple[SourceRef, ...], Some]
    """every competency has a source"""
    reviewed: Day
    """the day on which somebody last checked the whole page"""
    aliases: tuple[Slug, ...] = ()
    """former names; their addresses lead here"""


class Role(PagedRecord):
    """One of the article's roles, with the level it needs in each competency."""

    area: Area
    """the area that the role carries"""
    also_called: Annotated[Texts, Some]
    """titles that the same work goes by"""
    levels: Annotated[dict[CompetencyRef, Level], Some]
    """competency: expected level"""
    sources: Annotated[tuple[SourceRef, ...], Some]
    """where the role and its titles are described"""
    aliases: tuple[Slug, ...] = ()
    """former names; their addresses lead here"""


class Background(PagedRecord):
    """Where people come from, with the level they typically bring."""

    strengths: Annotated[Texts, Some]
    """what they bring"""
    traps: Annotated[Texts, Some]
    """where they come to grief"""
    levels: Annotated[dict[CompetencyRef, Level], Some]
    """competency: typical level (a planning assumption); what is left out is not there yet"""
    sources: Annotated[tuple[SourceRef, ...], Some]
    """where the strengths and traps are described"""
    aliases: tuple[Slug, ...] = ()
    """former names; their addresses lead here"""


class Person(Model):
    """Somebody in a staffing model."""

    title: Text
    """the person's job"""
    background: BackgroundRef
    """where the person comes from"""
    hours: Number
    """hours a week for PACS"""
    leads: Annotated[tuple[Slug, ...], Some]
    """areas or single tasks that the person leads; a task named here wins over its area"""
    covers: tuple[Slug, ...] = ()
    """areas or single tasks for which the person stands in"""


class Staffing(PagedRecord):
    """A way to share the work among people."""

    fits: Text
    """the kind of site it fits"""
    size: SiteSize
    """small, medium or large: the low end, the middle or the high end of the effort estimates is planned"""
    people: Annotated[tuple[Person, ...], Some]
    """who shares the work"""
    sources: Annotated[tuple[SourceRef, ...], Some]
    """where the model is described"""
    aliases: tuple[Slug, ...] = ()
    """former names; their addresses lead here"""

    def people_for(self, task: str, area: Area, *, deputy: bool = False) -> list[Person]:
        """Who leads (as deputy: stands in for) a task; naming the task wins over naming its area."""
        lists = [(person, person.covers if deputy else person.leads) for person in self.people]
        named = [person for person, names in lists if task in names]
        return named or [person for person, names in lists if area in names]


class Claim(Record):
    """A statement of the article in our words, and what is true of it today."""

    review_every: ClassVar[timedelta | None] = timedelta(days=365)

    statement: Text
    """what the article says, in our words"""
    verdict: Literal["stands", "partly", "no longer"]
    """stands, partly or no longer"""
    today: Text
    """what is true today"""
    sources: Annotated[tuple[SourceRef, ...], Some]
    """every verdict has a source"""
    reviewed: Day
    """the day on which somebody last checked the verdict"""


class Measure(Record):
    """A figure to manage by."""

    title: Text
    """the name of the measure"""
    unit: Text
    """its unit"""
    formula: Text
    """how it is computed, with start and end"""
    why: Text
    """what it tells"""
    target: Text = "set locally"
    """a target; any other than "set locally" needs a target_source"""
    target_source: SourceRef | None = None
    """the source of the target"""


class Source(Record):
    """A document that somebody looked up."""

    title: Text
    """its title"""
    authors: Text | None = None
    """who wrote it"""
    publisher: Text
    """who published it"""
    year: Annotated[str, StringConstraints(pattern=r"^((19|20)\d\d|undated)$")]
    """the year of publication, or undated"""
    edition: Text | None = None
    """edition, number or what was seen of it"""
    url: Url
    """where it is found"""
    access: Literal["open", "paid"]
    """open or paid"""
    checked: Day
    """the day on which somebody last read it"""


class Clause(Record):
    """A part of a standard or rule that tasks answer to."""

    standard: Text
    """the standard or rule"""
    clause: Text
    """its part, chapter or section"""
    title: Text
    """the title of the clause"""
    url: Url
    """where it is found"""
    country: Country | None = None
    """for a national rule: US, UK or EU"""


class Exam(Record):
    """A domain of the ABII certification outline."""

    letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    """its letter in the outline"""
    title: Text
    """its name"""
    questions: Number
    """scored questions"""


class Term(Record):
    """A word of the trade."""

    term: Text
    """the word or abbreviation; abbreviations get tooltips"""
    expansion: Text | None = None
    """what the abbreviation stands for"""
    definition: Text
    """what it means, in a sentence or two"""
    see: tuple[TermRef, ...] = ()
    """related terms"""


class Word(Record):
    """What people say for a word of the handbook; the search takes the one for the other."""

    means: Annotated[Texts, Some]
    """words of the handbook that it may stand for"""


class Symptom(Record):
    """Something that somebody sees; from the first choices down to the runbooks, symptoms form a tree."""

    title: Text
    """what one sees, in the words of whoever calls"""
    under: SymptomRef | None = None
    """the symptom that it is a case of; none for a first choice"""
    ask: Text | None = None
    """the question that tells the cases below it apart"""
    first: tuple[RunbookRef, ...] = ()
    """of the runbooks that name it, those to try first: what is common, or quickly looked up"""
    see: tuple[PagedRef, ...] = ()
    """tasks and competencies that answer it where no runbook does"""


class Difference(Model):
    """What is known to be otherwise at another product."""

    where: Text
    """the product, with its version where that matters"""
    what: Text
    """what it does or prints"""
    source: SourceRef
    """where that is written"""


class Printed(Model):
    """What another product prints for the same fault."""

    line: Text
    """the words that stay the same, without times, names and numbers"""
    by: Text
    """the product"""
    source: SourceRef
    """where it was reported"""


class Exercise(Model):
    """A runbook's fault as a lesson in the learner's lab."""

    number: Count
    """its place among the lessons"""
    call: Text
    """what somebody says on the phone, without the cause"""
    begin: Text
    """the first command to type, which shows the fault"""
    done: Text
    """how one sees that it is mended"""


class Runbook(PagedRecord):
    """The way from a fault to its proven repair."""

    review_every: ClassVar[timedelta | None] = timedelta(days=730)

    title: Text
    """the heading of the page: what is seen, not its cause"""
    heard: Annotated[Texts, Two]
    """what people say or type who need the page, in their own words; printed on it, and read by the search"""
    symptoms: Annotated[tuple[SymptomRef, ...], Some]
    """the symptoms that lead here, from data/symptoms.yml"""
    tasks: Annotated[tuple[TaskRef, ...], Some]
    """the tasks that it serves"""
    competencies: Annotated[tuple[NeededCompetency, ...], Some]
    """what one needs to follow it, as {id, level}; the first is the main one"""
    related: Annotated[tuple[RunbookRef, ...], Some]
    """other runbooks for what looks alike"""
    elsewhere: Annotated[tuple[Difference, ...], Some]
    """what is known to be otherwise at other products, as {where, what, source}"""
    printed: tuple[Printed, ...] = ()
    """what other products print for it, as {line, by, source}"""
    exercise: Exercise | None = None
    """for the learner's lab, as {number, call, begin, done}"""
    sources: Annotated[tuple[SourceRef, ...], Some]
    """every runbook has a source"""
    reviewed: Day
    """the day on which somebody last checked the whole page"""
    aliases: tuple[Slug, ...] = ()
    """former names; their addresses lead here"""


class Proof(Record):
    """What a runbook was last proven with; tests/test_lab.py --record writes it."""

    proven: Day
    """the day of the run in which every line was right"""
    tools: Annotated[Texts, Some]
    """the programs that ran, with their versions"""


class Code(Record):
    """A status or reason that systems answer with, or a range of them."""

    family: Literal[
        "tag",
        "dimse",
        "context",
        "rejection",
        "abort",
        "dcmtk-exit",
        "dcmtk-error",
        "acknowledgement",
        "hl7-error",
        "dicomweb",
    ]
    """the list that it belongs to"""
    code: Text
    """as printed and typed, such as 0xA700"""
    also: Texts = ()
    """other spellings that programs print"""
    services: Texts = ()
    """the services or messages that use it"""
    name: Text
    """its short name in the standard"""
    meaning: Text
    """what it says, in a sentence or two"""
    causes: Texts = ()
    """usual causes"""
    runbooks: tuple[RunbookRef, ...] = ()
    """what to do about it"""
    sources: Annotated[tuple[SourceRef, ...], Some]
    """where it is defined"""


class Part(Model):
    """A part of a template: text, a checklist or a table; in a workbook, a sheet."""

    title: Text
    """its heading"""
    intro: Text | None = None
    """what to know before filling it in"""
    text: Texts = ()
    """paragraphs to take over, with [what to fill in] in brackets"""
    checklist: Texts = ()
    """points to tick"""
    columns: Texts = ()
    """headings of the columns of a table"""
    rows: tuple[Texts, ...] = ()
    """rows of at most a cell for each column, `_` where one stays blank; `=B2*C2` is a formula (headings: row 1)"""
    blank: Count = 0
    """how many empty rows follow"""


class Template(PagedRecord):
    """A form to take away: a page that prints, and files made from the same record."""

    review_every: ClassVar[timedelta | None] = timedelta(days=730)

    tasks: Annotated[tuple[TaskRef, ...], Some]
    """the tasks that it serves"""
    made_from: Literal["job", "measures", "sign-off"] | None = None
    """what is added from other records: a role's job description and interview, all measures, a role's sign-off list"""
    role: RoleRef | None = None
    """the role, for a job or a sign-off list"""
    parts: tuple[Part, ...] = ()
    """its parts, as {title, intro, text, checklist, columns, rows, blank}"""
    files: Annotated[tuple[Literal["xlsx", "csv", "md"], ...], Some]
    """the files to offer: xlsx and csv for tables, md for text"""
    reviewed: Day
    """the day on which somebody last checked all of it"""
    aliases: tuple[Slug, ...] = ()
    """former names; their addresses lead here"""


class Heading(Record):
    """A heading of somebody else's outline of the profession, and what answers it here."""

    scheme: Text
    """the outline, such as ESCO"""
    code: Text | None = None
    """its number in the outline"""
    title: Text
    """what the outline asks for, in our words where it is longer than a heading"""
    answers: Annotated[tuple[PagedRef, ...], Some]
    """the tasks and competencies that answer it"""
    source: SourceRef
    """the outline"""


class Pain(Record):
    """Something that administrators report to struggle with."""

    title: Text
    """what hurts"""
    why: Text
    """what is reported about it"""
    answers: Annotated[tuple[PagedRef, ...], Some]
    """the tasks, competencies and runbooks that answer it"""
    sources: Annotated[tuple[SourceRef, ...], Some]
    """where it is reported"""


class Trial(Record):
    """A kind of test of accessibility and what its last run found; tests/test_accessibility.py --record writes it."""

    title: Text
    """what is tested"""
    tool: Text
    """what the test is made with"""
    browser: Text
    """the browser and its version"""
    checked: Day
    """the day of the run"""
    pages: Annotated[Texts, Some]
    """addresses of the pages, one of each type"""
    states: Annotated[Texts, Some]
    """colors, widths and states of the pages"""
    rules: Annotated[Texts, Some]
    """what must hold"""
    checks: Count
    """how many things were looked at"""
    barriers: Count
    """how many of them keep somebody out"""


@dataclass(frozen=True)
class Kind:
    """How one kind of record is kept.

    `data` is a file below data/ that lists all records, or a folder with a file for each.
    `pages` is the folder below docs/ with a page for each, whose fixed `headings` and `macros`
    a rule demands; kinds without pages are shown on the page `listed`, with their ids as anchors.
    Records of a `recorded` kind are written by tests alone.
    """

    name: str
    model: type[Record]
    data: str
    pages: str = ""
    headings: tuple[str, ...] = ()
    macros: tuple[str, ...] = ()
    listed: str = ""
    recorded: bool = False

    @property
    def in_one_file(self) -> bool:
        """Whether one file lists all records of this kind."""
        return self.data.endswith(".yml")


TASK_HEADINGS = (
    "Why it matters",
    "Before you start",
    "Steps",
    "Done means",
    "What goes wrong",
    "At a small site",
    "Sources",
)

RUNBOOK_HEADINGS = (
    "Symptom",
    "Impact",
    "First five minutes",
    "Diagnosis",
    "Fix",
    "Prove it",
    "Prevent",
    "Escalate",
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("role", Role, "roles.yml", "roles", ("Mission", "A week in the role"), ("title", "role")),
        Kind("competency", Competency, "competencies", "competencies", ("In practice",), ("title", "competency")),
        Kind("task", Task, "tasks", "tasks", TASK_HEADINGS, ("title", "facts", "sources")),
        Kind("background", Background, "backgrounds.yml", "backgrounds", ("Where you stand",), ("title", "background")),
        Kind("staffing", Staffing, "staffing.yml", "staffing", ("How it works",), ("title", "staffing")),
        Kind("runbook", Runbook, "runbooks", "runbooks", RUNBOOK_HEADINGS, ("title", "runbook")),
        Kind("template", Template, "forms", "forms", ("How to use it",), ("title", "template")),
        Kind("heading", Heading, "crosswalks.yml", listed="reference/crosswalks.md"),
        Kind("pain", Pain, "pains.yml", listed="reference/pains.md"),
        Kind("symptom", Symptom, "symptoms.yml", listed="symptoms/index.md"),
        Kind("code", Code, "codes.yml", listed="reference/codes.md"),
        Kind("proof", Proof, "proven.yml", listed="reference/printed-lines.md", recorded=True),
        Kind("claim", Claim, "claims.yml", listed="reference/article-today.md"),
        Kind("measure", Measure, "measures.yml", listed="reference/measures.md"),
        Kind("source", Source, "sources.yml", listed="reference/sources.md"),
        Kind("clause", Clause, "standards.yml", listed="reference/standards.md"),
        Kind("exam", Exam, "exam.yml", listed="reference/exam.md"),
        Kind("term", Term, "glossary.yml", listed="reference/glossary.md"),
        Kind("word", Word, "everyday.yml", listed="reference/glossary.md"),
        Kind("trial", Trial, "accessibility.yml", listed="accessibility.md", recorded=True),
    )
}
