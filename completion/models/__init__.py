from completion.models.snapshots import Snapshot, SourceFile

__all__ = ["Snapshot", "SourceFile"]
