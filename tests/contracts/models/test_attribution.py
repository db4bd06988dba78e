"""What rules say of how a break of theirs is seen is in the words of the models."""

import json
from pathlib import Path
from typing import get_args

from streamproof import specs
from streamproof.contracts.models.difference import Kind
from streamproof.specs.laws import laws

KINDS = {*get_args(Kind)}


def test_a_rule_may_be_seen_to_be_broken_in_every_way_that_models_know_and_no_other() -> None:
    schema = json.loads(Path(specs.__file__).with_name("rules.schema.json").read_text("utf-8"))
    rule = schema["properties"]["rules"]["items"]["properties"]
    assert {*rule["seen_as"]["items"]["enum"]} == KINDS


def test_each_way_has_a_law_and_each_law_knows_but_these() -> None:
    seen = [kind for law in laws().values() for kind in law.seen_as]
    assert {*seen} == KINDS
