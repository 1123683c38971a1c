"""Where source code may be cut: in front of what it defines. The language is not known, only how such lines begin."""

from __future__ import annotations

import re

from sensorium.readers.flow import Block, Kind, Span

MOST_SPANS = 200_000

_DEFINITION = re.compile(
    r"""^(?:@\w[^\n]*\n)*                                        # decorators and annotations
    (?:(?:export|default|public|private|protected|static|final|abstract|async|pub(?:\([a-z]+\))?|unsafe|inline)[ ]+)*
    (?:def|class|func|fn|function|interface|struct|enum|trait|impl|module|namespace|type|record|object|sub)\b
    |^[A-Za-z_][\w<>:*&,\[\] ]{0,100}\([^;\n]{0,300}\)[^;\n]{0,60}\{[ \t]*$  # how C and its heirs define
    """,
    re.MULTILINE | re.VERBOSE,
)


def definitions(text: str) -> list[Span]:
    """The spans of a program: what stands in front of the first definition, then one for each.

    >>> text = "import os\\n\\ndef one():\\n    pass\\n\\ndef two():\\n    pass\\n"
    >>> [text[span.start:span.end] for span in definitions(text)]
    ['import os', 'def one():\\n    pass', 'def two():\\n    pass']
    """
    starts = [0]
    for match in _DEFINITION.finditer(text):
        starts.append(match.start())
        if len(starts) > MOST_SPANS:
            break
    spans = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        part = text[start:end]
        low = start + len(part) - len(part.lstrip())
        if part.strip():
            spans.append(Span(low, start + len(part.rstrip()), Block(text="", kind=Kind.PARAGRAPH)))
    return spans
