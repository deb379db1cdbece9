"""The part ``steps`` of a recipe: the options of the steps."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from hanpack.yaml_models import Model, Switch

Target = Literal["keep", "hans", "hant", "tw", "hk"]

# The steps whose key differs from the name of their edits: the name is accepted as the key.
_STEP_NAMES = {"evasion": "evasions", "redaction": "redactions"}


class Steps(Model):
    """The options of the steps, in the order of ``hanpack.flow.STEPS``.

    Steps that would change text without damage are off by default; ``personal`` only flags by default.
    """

    page: Annotated[Switch, Field(description="reduce HTML and forum pages to their text")] = True
    layout: Annotated[
        Switch | Literal["pdf"],
        Field(description="undo the layout of printed pages: in PDF files, in all texts (true) or in none"),
    ] = "pdf"
    repair: Annotated[Switch, Field(description="undo pinyin annotations, byte shifts and mojibake")] = True
    controls: Annotated[Switch, Field(description="remove control and zero-width characters")] = False
    nfc: Annotated[Switch, Field(description="Unicode NFC; ㎡, Ⅱ and ideographic variants are kept")] = False
    spaces: Annotated[
        Switch, Field(description="remove indents, trailing spaces and runs of blank lines")
    ] = True
    script: Annotated[
        Target,
        Field(
            description="the target script of the texts; title and other metadata stay as in the source; "
            "`hant` is the standard of OpenCC, with 考覈, 溼, 爲 and 僞, `tw` and `hk` are what Taiwan and "
            "Hong Kong write"
        ),
    ] = "keep"
    phrases: Annotated[
        Switch,
        Field(
            description="also convert regional vocabulary, with OpenCC's phrases: words of computing and "
            "everyday life, not for laws and government texts; a word is exchanged only where it is one, not "
            "算法 in 预算法, and words as 程序, 对象, 文件, 项目 and 支持 stay where a text is official or "
            "not about computing"
        ),
    ] = False
    width: Annotated[Switch, Field(description="full-width and half-width as in edited Chinese text")] = False
    quotes: Annotated[Switch, Field(description="turn quotation marks that face the wrong way")] = False
    evasions: Annotated[Switch, Field(description="restore 党委, 党员, 党建 from D委, D员, D建")] = False
    redactions: Annotated[
        str | None, Field(description="the replacement for XX and ***; they are kept if null")
    ] = None
    personal: Annotated[
        Literal["flag", "replace"] | None,
        Field(description="flag personal data, or replace it by its kind; it is not looked for if null"),
    ] = "flag"

    @field_validator("personal", mode="before")
    @classmethod
    def _accept_switch(cls, value: object) -> object:
        """Accept true for ``flag`` and false for null, as for the other steps."""
        return {True: "flag", False: None}[value] if isinstance(value, bool) else value

    @model_validator(mode="before")
    @classmethod
    def _accept_step_names(cls, content: Any) -> Any:
        """Accept ``evasion`` and ``redaction``, the names of edits, as keys."""
        if not isinstance(content, dict):
            return content
        return {_STEP_NAMES.get(key, key): value for key, value in content.items()}
