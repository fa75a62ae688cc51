"""`seqfer datasets`: every corpus with its layout and licence, as text and as JSON."""

import json

from seqfer.cli import main
from seqfer.core import registry


def test_json_has_every_corpus_with_its_published_counts(capsys):
    assert main(["datasets", "--json"]) == 0
    corpora = {corpus["name"]: corpus for corpus in json.loads(capsys.readouterr().out)}
    assert len(corpora) == len(registry.names("datasets"))
    assert corpora["ck+"]["clips_by_class"]["surprise"] == 83
    assert all(corpus[key] for corpus in corpora.values() for key in ("title", "layout", "licence", "source"))


def test_text_has_a_block_per_corpus_within_the_width_of_a_terminal(capsys):
    assert main(["datasets"]) == 0
    text = capsys.readouterr().out
    blocks = text.strip().split("\n\n")
    assert len(blocks) == len(registry.names("datasets")) + 1
    assert blocks[-1].startswith("seqfer prepare NAME ROOT -o NAME.jsonl")
    for block in blocks[:-1]:
        indented = [line for line in block.splitlines() if line.startswith("  ") and line[2:3].isalpha()]
        assert [line.split(":")[0].strip() for line in indented[:2]] == ["layout", "licence"]
    assert max(map(len, text.splitlines())) <= 110
