"""Finds the parts of a text that are not prose: fenced code of Markdown, and YAML at its beginning."""

from __future__ import annotations

import re

from hanpack.lazy_patterns import compile_lazily

Span = tuple[int, int]

# A line that opens or closes fenced code, perhaps in a quotation or a list (CommonMark 0.31.2, section 4.5).
_FENCE = compile_lazily(r"(?:(?<=\n)|\A)[ \t>\u00a0\u3000]*(?P<fence>`{3,}|~{3,})(?P<rest>[^\n]*)(?:\n|\Z)")
# YAML between two lines of hyphens at the beginning, with at least one key.
_FRONT_MATTER = compile_lazily(
    r"\A\ufeff?---[ \t]*\r?\n(?=(?:[^\n]*\n){0,9}?[\w-]+:)"
    r"(?:[^\n]*\n){1,200}?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)"
)


def find_verbatim(text: str, *, to_the_end: bool = False) -> list[Span]:
    r"""The spans of whole lines with fenced code or YAML, in order, the lines with the fences included.

    Code without a closing fence counts only if it may extend ``to_the_end`` of the text.

    >>> text = "# 安装\n```bash\n# 更新\n```\n完成。\n"
    >>> [text[start:end] for start, end in find_verbatim(text)]
    ['```bash\n# 更新\n```\n']
    """
    spans: list[Span] = []
    front = _FRONT_MATTER.match(text) if text.startswith(("---", "\ufeff---")) else None
    if front:
        spans.append(front.span())
    # One character is searched far faster than three, and most texts have neither.
    if not ("`" in text and "```" in text) and not ("~" in text and "~~~" in text):
        return spans
    opening: re.Match[str] | None = None
    for line in _FENCE.finditer(text, spans[0][1] if spans else 0):
        fence, rest = line["fence"], line["rest"].strip()
        if opening is None:
            # Backticks after the fence: code within a line, which opens nothing.
            if fence[0] == "~" or "`" not in rest:
                opening = line
        elif not rest and fence.startswith(opening["fence"]):
            spans.append((opening.start(), line.end()))
            opening = None
    if opening and to_the_end:
        spans.append((opening.start(), len(text)))
    return spans
