"""A small course that is right, and a way to spoil one line of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mesotrain.core.errors import BadContent
from mesotrain.formats.courses import read_course
from mesotrain.formats.schemes import SCHEME

SHARED = Path(__file__).parents[2].parent / "shared"

COURSE = """\
course: small
title: A small course
language: en
status: demonstration
competencies:
  EMG:
    title: Emergencies
    can: act in the first minutes
    valid: 24 months
    renewal: 60 days
    grace: 0 days
modules: [first-minutes]
"""

REFERENCES = """\
facts:
  I01:
    kind: GK
  I02:
    kind: REG
    sources: [rcuk]
    note: Seen as a summary
sources:
  rcuk: {text: Guideline of 2021, url: "https://example.org/a", seen: abstract}
"""

LESSON = """\
---
title: First minutes
competency: EMG
minutes: 10
summary: What to do first
outcomes:
  - recognise trouble
quiz:
  questions: 2
  pass: 80%
  time: 20 minutes
  feedback: after submit
sign-off: none
---

## Recognise {#recognise}

Treat LAST early [I01, I02].

!!! safety "If in doubt"
    Treat it [I01].

```
## not a heading
```

## Then {#then}

Call for help.

*[LAST]: Local anaesthetic systemic toxicity
"""

BANK = """\
---
bank: first-minutes
title: First minutes
language: en
competency: EMG
---

## emg-0001
section: first-minutes#recognise
cites: I01, I02
safety: treat
level: judge

What first?

- (x) Adrenaline
  Why: it works.
- ( ) Wait
- (50%) Call and prepare   <!-- half -->

Why: do not wait.

It goes into muscle.

## emg-0002
credit: partial
points: 1.5

Which are shared?

- [ ] A vial
- [x] A container {#box}
- [x] A lamp

## emg-0003

How much?

= 0.5 mL
  Why: arithmetic.
= 0.5 +0.05 -0.05 mL (80%)
"""


@pytest.fixture
def files() -> dict[str, str]:
    return {
        "course.yaml": COURSE,
        "references.yaml": REFERENCES,
        "first-minutes/lesson.md": LESSON,
        "first-minutes/bank.md": BANK,
    }


@pytest.fixture
def scheme(files: dict[str, str]) -> Callable[[str], list[str]]:
    """The faults of the small course with this scheme."""

    def faults(text: str) -> list[str]:
        with pytest.raises(BadContent) as caught:
            read_course({**files, SCHEME: text})
        return [str(fault) for fault in caught.value.faults]

    return faults


@pytest.fixture
def spoilt(files: dict[str, str]) -> Callable[[str, str, str], list[str]]:
    """The faults of the small course, as text, once `old` has become `new` in the file at `path`."""

    def faults(path: str, old: str, new: str) -> list[str]:
        assert files[path].count(old) == 1, f"{old!r} stands once in the sample"
        with pytest.raises(BadContent) as caught:
            read_course({**files, path: files[path].replace(old, new)})
        return [str(fault) for fault in caught.value.faults]

    return faults
