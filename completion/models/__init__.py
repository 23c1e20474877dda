from completion.models.naming import SchoolName, UnplacedRow
from completion.models.snapshots import Snapshot, SourceFile

__all__ = ["SchoolName", "Snapshot", "SourceFile", "UnplacedRow"]
