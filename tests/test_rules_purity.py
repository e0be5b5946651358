"""The rules take no time, no chance and no input but their arguments; what they may import is a contract of imports."""

import ast
from pathlib import Path

RULES = Path(__file__).parents[1] / "billing" / "rules"
IMPURE = {"now", "utcnow", "today", "fromtimestamp", "uuid1", "uuid4", "open", "print", "input", "float"}


def test_rules_take_no_time_no_chance_no_input_and_no_float() -> None:
    modules = sorted(RULES.glob("*.py"))
    assert len(modules) > 10
    for path in modules:
        tree = ast.parse(path.read_text())
        named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        named |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert named & IMPURE == set(), path
        assert not any(isinstance(node, ast.Constant) and isinstance(node.value, float) for node in ast.walk(tree)), (
            path
        )
        assert not any(isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) for node in ast.walk(tree)), path
