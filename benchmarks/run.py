"""`make bench`: each part beside its peer in the same run; tables, and `results/latest.json`.

python -m benchmarks.run                 # all parts
python -m benchmarks.run imports --most-rows 1000000
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks import completion, imports, messages, pages, webhooks

RESULTS = Path(__file__).with_name("results")
PARTS = ("messages", "sizes", "imports", "pages", "webhooks", "completion")


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as text, a column a figure."""
    names = list(rows[0])
    widths = [max(len(name), *(len(str(row[name])) for row in rows)) for name in names]
    lines = [names, *([str(row[name]) for name in names] for row in rows)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=list(PARTS))
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument(
        "--sizes",
        type=lambda words: [int(size) for size in words.split(",")],
        default=[1_000, 10_000],
        help="of campaigns, such as 10000,100000,1000000",
    )
    parser.add_argument("--wait", type=float, default=0.05, help="seconds before each answer")
    parser.add_argument("--rows", type=int, default=100_000, help="guardian rows to import")
    parser.add_argument("--peer-rows", type=int, default=5_000)
    parser.add_argument("--most-rows", type=int, default=0, help="a third size, such as 1000000")
    parser.add_argument("--points", type=int, default=1_000_000, help="contact points of the pages")
    parser.add_argument("--webhooks", type=int, default=3_000, help="requests of each kind")
    parser.add_argument("--schools", type=int, default=600, help="27000 is every US high school")
    parser.add_argument("--students", type=int, default=0, help="beside them, such as 1000000")
    parser.add_argument(
        "--postgres",
        default=os.environ.get("BENCH_POSTGRES_URL", ""),
        help="also on this server, whose role may create databases",
    )
    options = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / "latest.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    known["machine"] = {"cores": os.cpu_count(), "python": platform.python_version()}
    if "imports" in options.parts:
        known["imports"] = imports.compare(
            options.rows, options.peer_rows, options.most_rows, options.postgres
        )
        print(table(known["imports"]), end="\n\n")  # noqa: T201
    if "pages" in options.parts:
        known["pages"] = pages.compare(options.points, options.postgres)
        print(table(known["pages"]), end="\n\n")  # noqa: T201
    if "webhooks" in options.parts:
        known["webhooks"] = webhooks.measure(options.webhooks)
        print(table(known["webhooks"]), end="\n\n")  # noqa: T201
    if "completion" in options.parts:
        found = completion.compare(options.schools, options.students, options.postgres)
        known["completion"] = found
        for one in found:
            tables = (table(one["pages"]), table(one["summaries"]), table([one["import"]]))
            print(*tables, sep="\n\n", end="\n\n")  # noqa: T201
    if "messages" in options.parts:
        known["messages"] = messages.measure(options.messages, options.wait, options.postgres)
        known["machine"]["wait"] = options.wait
        print(table(known["messages"]), end="\n\n")  # noqa: T201
    if "sizes" in options.parts:
        known["sizes"] = messages.measure_sizes(options.sizes, options.postgres)
        print(table(known["sizes"]))  # noqa: T201
    known.pop("rows", None)
    file.write_text(json.dumps(known, indent=2) + "\n")


if __name__ == "__main__":
    main()
