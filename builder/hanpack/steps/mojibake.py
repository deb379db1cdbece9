"""UTF-8 that was read as GBK (鐨勬暟 for 的数), undone where the bytes round-trip exactly."""

from __future__ import annotations

import re
from itertools import groupby

from hanpack.steps.gbk import EURO, pairs
from hanpack.steps.traced import Replacement

# The characters that the commonest UTF-8 leads of Chinese, E4 to E9 and EF, make when read as GBK.
_SUSPECT = re.compile(r"[\u4e00-\u9fff€？-￥]{2,}")
