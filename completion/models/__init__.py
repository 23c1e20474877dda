from completion.models.bands import DistrictBand
from completion.models.digests import DigestChoice
from completion.models.layouts import HeldFile, Layout, LayoutKind
from completion.models.naming import SchoolName, UnplacedRow
from completion.models.plans import Plan, ToldLine
from completion.models.snapshots import Snapshot, SourceFile
from completion.models.summaries import Reckoning, SchoolSummary, Summary
from completion.models.tokens import ApiToken
from completion.models.watched import Watched

__all__ = [
    "ApiToken",
    "DigestChoice",
    "DistrictBand",
    "HeldFile",
    "Layout",
    "LayoutKind",
    "Plan",
    "Reckoning",
    "SchoolName",
    "SchoolSummary",
    "Snapshot",
    "SourceFile",
    "Summary",
    "ToldLine",
    "UnplacedRow",
    "Watched",
]
