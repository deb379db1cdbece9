"""Simplified and Traditional: which script a text is in, and its conversion."""

from hanpack.steps.script.conversion import TRADITIONAL_TARGETS, ScriptConverter, Target
from hanpack.steps.script.recognition import Script, find_script
from hanpack.steps.script.script_names import name_scripts

__all__ = ["TRADITIONAL_TARGETS", "Script", "ScriptConverter", "Target", "find_script", "name_scripts"]
