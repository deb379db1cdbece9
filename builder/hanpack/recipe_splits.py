"""The part ``splits`` of a recipe: the partitions for evaluation."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from hanpack.steps.dedup.partitions import TRAIN, PartitionRule
from hanpack.yaml_models import Model


class Rule(Model):
    """Selects documents: the source matches a glob, and each metadata field has one of the listed values."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    source: Annotated[str, Field(description="a pattern of the paths of sources")] = "*"
    metadata: dict[str, list[str]] = Field(
        default_factory=dict, description="for each field the values that are selected"
    )

    @model_validator(mode="after")
    def _selects_something(self) -> Rule:
        if self.source == "*" and not self.metadata:
            raise ValueError("a rule names a source, metadata or both")
        return self


def _check_selection(value: object) -> object:
    """Check that a value can be a share or a rule: the errors of both types at once would say less."""
    try:
        is_share = 0 < float(value) < 1  # type: ignore[arg-type]
    except (TypeError, ValueError):
        is_share = False
    if is_share or value is None or isinstance(value, dict | Rule):
        return value
    raise ValueError("write a share below 1, such as 0.2, or a rule, such as {source: 'news/*'}")


Selection = Annotated[Annotated[float, Field(gt=0, lt=1)] | Rule | None, BeforeValidator(_check_selection)]


class Splits(Model):
    """The partitions for evaluation: a share of all documents each, or those that a rule selects.

    A share is drawn by a hash of the text after all steps: a recipe with other steps (``script`` seldom,
    ``phrases`` often) puts some documents into other splits. Do not train on one such build and test on
    another. A near copy of a document in another split is left out, even if ``duplicates`` keeps copies.
    """

    validation: Annotated[Selection, Field(description="the documents for validation: a share or a rule")] = (
        None
    )
    test: Annotated[Selection, Field(description="the documents for the test: a share or a rule")] = None

    @model_validator(mode="after")
    def _leaves_documents_for_training(self) -> Splits:
        shares = sum(share for share in (self.validation, self.test) if isinstance(share, float))
        if shares >= 1:
            raise ValueError("the shares of validation and test leave nothing for training")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the partitions of a build, ``train`` first."""
        return (TRAIN, *(rule.name for rule in self.rules))

    @property
    def rules(self) -> tuple[PartitionRule, ...]:
        """The rules of validation and test; their shares are at the two ends of the hash's range, 0 to 1."""
        return (*_rules("validation", self.validation), *_rules("test", self.test))


def _rules(name: str, selection: float | Rule | None) -> tuple[PartitionRule, ...]:
    if selection is None:
        return ()
    if isinstance(selection, Rule):
        return (PartitionRule(name, source=selection.source, metadata=selection.metadata),)
    low, high = (0.0, selection) if name == "validation" else (1.0 - selection, 1.0)
    return (PartitionRule(name, low, high),)
