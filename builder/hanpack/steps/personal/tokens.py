"""ACCESS_TOKENS: the pattern of access tokens of well-known services, in texts and in what a build publishes.

This module is short because two rooms read that one pattern: the step ``personal`` and ``hanpack.secrets``.
"""

from __future__ import annotations

# A fixed prefix, then so many characters that no word matches.
ACCESS_TOKENS = (
    r"(?<![A-Za-z0-9])(?:"
    r"(?:hf|api_org)_[A-Za-z0-9]{16,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{28,}"
    r"|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{30,}|gsk_[A-Za-z0-9]{40,}"
    r"|r8_[A-Za-z0-9]{37}|(?:xai|pplx|nvapi|tvly)-[A-Za-z0-9_-]{24,}|dckr_pat_[A-Za-z0-9_-]{20,}"
    r"|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|dop_v1_[0-9a-f]{64}|ya29\.[A-Za-z0-9_-]{30,}"
    r"|[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"
    r"|sk-[A-Za-z0-9_-]{20,}|xox[abeprs]-[A-Za-z0-9-]{10,}|pypi-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r")"
)
