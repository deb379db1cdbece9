"""The part ``card`` of a recipe: what its author says of the dataset."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator

from hanpack.yaml_models import Model


class Card(Model):
    """The fields of the dataset card that the author of the recipe writes."""

    title: Annotated[str, Field(description="the title of the card")] = ""
    summary: Annotated[str, Field(description="what the dataset is, in a few sentences")] = ""
    language: list[str] = Field(
        default_factory=lambda: ["zh"], description="the languages, as codes of the Hub"
    )
    license: Annotated[str, Field(description="the licence, as a code of the Hub")] = "other"
    license_name: Annotated[str, Field(description="the name of a licence that the Hub does not know")] = ""
    license_link: Annotated[str, Field(description="where that licence is")] = ""
    tags: list[str] = Field(default_factory=list, description="tags on the Hub")
    task_categories: list[str] = Field(
        default_factory=lambda: ["text-generation"], description="what it is for, as categories of the Hub"
    )
    url: Annotated[str, Field(description="where the dataset is published")] = ""
    creators: list[str] = Field(default_factory=list, description="the people or bodies who made it")
    published: Annotated[str, Field(description="the day it was published, as YYYY-MM-DD")] = ""
    citation: Annotated[str, Field(description="how it is cited, BibTeX for example")] = ""
    annotations: Annotated[
        Literal["no-annotation", "found", "expert-generated", "crowdsourced", "machine-generated"],
        Field(description="who annotated the texts"),
    ] = "no-annotation"
    left_out: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict,
        description="how many files of each suffix in the folder hanpack does not read",
    )

    @field_validator("published", mode="before")
    @classmethod
    def _read_date(cls, value: object) -> object:
        # A day without quotation marks is a date in YAML.
        text = value.isoformat() if isinstance(value, date) else value
        try:
            is_day = not text or (len(str(text)) == len("YYYY-MM-DD") and bool(date.fromisoformat(str(text))))
        except ValueError:
            is_day = False
        if not is_day:
            raise ValueError("write a day as YYYY-MM-DD, such as 2026-01-31")
        return text
