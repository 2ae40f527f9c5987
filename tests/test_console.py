"""The parts of a runbook that run are read, shown, compared and accepted rightly; no server is needed for that."""

import sys

import pytest
from trees import ROOT

from kb.console import Command, blocks, is_error, message
from kb.fences import Fence
from kb.pages import expand

sys.path.append(str(ROOT / "tests" / "lab"))
import mutants
import runner

PAGE = """# A page

## Diagnosis

```lab
pacs
```

```sh title="ct1.conf"
AEC=PACS
```

```text
not run
```

### Closer

```console
$ echo one \\
> two
one two
$ true  # writes: nothing
```
"""


def test_blocks_come_in_order_with_their_places():
    found = [(block.kind, block.name, block.line, block.section, block.place) for block in blocks(PAGE)]
    assert found == [
        ("lab", "", 5, "Diagnosis", "Diagnosis"),
        ("file", "ct1.conf", 9, "Diagnosis", "Diagnosis"),
        ("console", "", 19, "Diagnosis", "Closer"),
    ]


def test_a_session_is_read_command_by_command():
    *_, session = blocks(PAGE)
    assert session.commands == [
        Command("echo one \\\ntwo", ("one two",), 20, 22),
        Command("true  # writes: nothing", (), 23, 23),
    ]


def test_a_session_without_a_prompt_is_named_by_its_line():
    (session,) = blocks("```console\noutput\n```\n")
    with pytest.raises(ValueError, match="line 2: a console session begins with"):
        _ = session.commands


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("F: Reason: Called AE Title Not Recognized", True),
        ("E: (0010,0020) LO [LAB0001 ]     #   8, 1 PatientID", False),
        ("E: # Dicom-Data-Set", False),
        ("E: ", False),
        ("I: Received Store Response (Refused: OutOfResources)", True),
        ("I: Received Store Response (Success)", False),
        ("W1124 05:40:32.382038 main.cpp:602] Rejected association, because of a bad called AET", True),
        ("W1124 05:40:32.382038 main.cpp:921] Orthanc has started", False),
        ("MSA|AE|M0002|Required field missing", True),
        ("MSA|AA|M0002", False),
        ("curl: (56) Recv failure: Connection reset by peer", True),
        ("HTTP/1.1 404 Not Found", True),
        ("HTTP/1.1 200 OK", False),
        ("ordinary words", False),
    ],
)
def test_error_lines_are_told_from_others(line, error):
    assert is_error(line) is error


def test_a_message_is_looked_up_without_its_time():
    assert message("W1124 05:40:32.382038 main.cpp:602] Rejected  association") == "Rejected association"


def test_a_session_is_shown_with_its_marks_and_as_text():
    shown = Fence("console")("$ storescu a.dcm  # writes: one image\nF: <Refused> & gone\nI: well\n")
    assert '<span class="gp">$ </span><span class="kb-command">storescu a.dcm</span>' in shown
    assert '<strong class="kb-change">writes: one image</strong>' in shown
    assert '<span class="go kb-error">F: &lt;Refused&gt; &amp; gone</span>' in shown
    assert '<span class="go">I: well</span>' in shown


@pytest.mark.parametrize("kind", ["lab", "fault"])
def test_what_the_lab_does_is_folded_and_shown_as_text(kind):
    shown = Fence(kind)("pacs '<b>'\n")
    assert shown.startswith('<details class="kb-lab"><summary>What the lab ')
    assert "pacs &#39;&lt;b&gt;&#39;" in shown


@pytest.mark.parametrize(
    ("expected", "printed", "equal"),
    [
        ("one", "one", True),
        ("one", "one\ntwo", False),
        ("one\ntwo", "one", False),
        ("", "", True),
        ("a ... d", "a b c d", True),
        ("a ... d", "a b c", False),
        ("...\nend", "one\ntwo\nend", True),
        ("...\nend", "end", True),
        ("...\nend", "one\nend\nmore", False),
        ("one\n...", "one", True),
        ("XMIT: ......", "XMIT: ......", True),
        ("XMIT: ......", "XMIT: .....", False),
        ("a.c", "abc", False),
        ("trailing ", "trailing", True),
        (
            "W1124 05:40:32.382038 a.cpp:6] Rejected",
            "W1201 23:59:59.000001 a.cpp:6] Rejected",
            True,
        ),
        (
            "W1124 05:40:32.382038 a.cpp:6] Rejected",
            "E1201 23:59:59.000001 a.cpp:6] Rejected",
            False,
        ),
        ("MSH|^~\\&|A|B|C|D|20261124055330||ACK|M1", "MSH|^~\\&|A|B|C|D|20270101000000||ACK|M1", True),
        ("PID|20240601080000", "PID|20240601080001", False),
    ],
)
def test_lines_are_compared(expected, printed, equal):
    assert runner.same(expected.split("\n") if expected else [], printed.split("\n") if printed else []) is equal


def test_accepting_replaces_only_what_differs():
    text = "```console\n$ a\nold\nold\n$ b\nkept ... so\n$ c\n```\n"
    a, b, c = next(blocks(text)).commands
    outcome = runner.Outcome([
        runner.Shown(a, "", ("new",)), runner.Shown(b, "", ("kept just so",)), runner.Shown(c, "", ("added",)),
    ])  # fmt: skip
    assert runner.accepted(text, outcome) == "```console\n$ a\nnew\n$ b\nkept ... so\n$ c\nadded\n```\n"


def test_mutants_spare_what_is_not_claimed():
    import random

    made = list(mutants.mutants(("E1124 05:40:32.382038 x.cpp:1] ab ... cd", "..."), random.Random(1)))
    changed = [lines[0] for done, lines in made if done == "changed"]
    assert len(changed) == mutants.PLACES
    assert all("05:40:32.382038 " in line and " ... " in line for line in changed)
    assert [done for done, _ in made].count("dropped") == 1


def test_macro_calls_are_replaced_and_raw_blocks_stay():
    macros = {"ref": lambda id, section="": f"<{id}#{section}>"}
    text = 'a {{ ref("x") }} {% raw %}{{ ref("y") }}{% endraw %} {{ ref("z", \'s\') }}'
    assert expand(text, macros) == 'a <x#> {{ ref("y") }} <z#s>'
    with pytest.raises(LookupError, match="not a macro call"):
        expand("{{ 1 + 1 }}", macros)
