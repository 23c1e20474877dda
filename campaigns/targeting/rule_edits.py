"""Changes to a tree of conditions, one at a time: each returns a new tree.

A node is found by its path (conditions.walk): "" is the root, which is always a group.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from campaigns.targeting import conditions
from campaigns.targeting.conditions import BadRule, Node

LOCAL = ("arm", "school", "tag")  # mean nothing in another district


def rooted(rule: Mapping[str, Any] | None) -> Node:
    """A tree that can be edited: the rule itself, or a group around it, or an empty group."""
    if not rule:
        return {"all": []}
    if any(kind in rule for kind in conditions.GROUPS):
        return copy.deepcopy(dict(rule))
    return {"all": [copy.deepcopy(dict(rule))]}


def add(tree: Node, path: str, node: Node) -> Node:
    """`node` as the last of the group at `path`. Raises BadRule."""
    new = copy.deepcopy(tree)
    _group(new, path).append(node)
    return conditions.check(new)


def remove(tree: Node, path: str) -> Node:
    """The tree without the node at `path` (and without a "not" around it). Raises BadRule."""
    new = copy.deepcopy(tree)
    holder, at = _place(new, path)
    del holder[at]
    return new


def turn_around(tree: Node, path: str) -> Node:
    """The opposite of the node at `path`: a "not" around it, or none any more. Raises BadRule."""
    new = copy.deepcopy(tree)
    holder, at = _place(new, path)
    node = holder[at]
    holder[at] = node.get("not", {"not": node})
    return conditions.check(new)


def switch(tree: Node, path: str) -> Node:
    """The group at `path` asks for any of its conditions instead of all, or the other way."""
    new = copy.deepcopy(tree)
    group = _inner(_node(new, path))
    kind = next((kind for kind in conditions.GROUPS if kind in group), None)
    if kind is None:
        raise BadRule
    group["any" if kind == "all" else "all"] = group.pop(kind)
    return new


def portable(node: Mapping[str, Any]) -> Node | None:
    """The tree as another district can use it: without what only this one has. None if empty."""
    if "not" in node:
        inner = portable(node["not"])
        return {"not": inner} if inner else None
    for kind in conditions.GROUPS:
        if kind in node:
            kept = [found for child in node[kind] if (found := portable(child))]
            return {kind: kept} if kept else None
    return None if node["field"] in LOCAL else dict(node)


def _inner(node: Node) -> Node:
    inner: Node = node.get("not", node)
    return inner


def _children(node: Node) -> list[Node]:
    group = _inner(node)
    for kind in conditions.GROUPS:
        if kind in group:
            found: list[Node] = group[kind]
            return found
    raise BadRule


def _group(tree: Node, path: str) -> list[Node]:
    return _children(_node(tree, path))


def _node(tree: Node, path: str) -> Node:
    node = tree
    for step in path.split(".") if path else ():
        node = _child(node, step)
    return node


def _child(node: Node, step: str) -> Node:
    children = _children(node)
    if not step.isdecimal() or int(step) >= len(children):
        raise BadRule
    return children[int(step)]


def _place(tree: Node, path: str) -> tuple[list[Node], int]:
    """The list that holds the node at `path`, and where in it."""
    above, _dot, last = path.rpartition(".")
    holder = _group(tree, above)
    if not last.isdecimal() or int(last) >= len(holder):
        raise BadRule
    return holder, int(last)
