"""Which words questions use most: written to `nlq/lexis/frequent.txt`, by which the speller ranks its corrections.

python -m nlq.evaluation.frequent QUESTIONS.jsonl ...
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from nlq.evaluation.lines import Line, read_lines

TARGET = Path(__file__).resolve().parents[1] / "lexis" / "frequent.txt"
_LEAST = 2
_WORD = re.compile(r"(?<![\w-])[a-z]{4,}(?![\w-])")


def frequent(lines: Iterable[Line]) -> list[str]:
    """Words of questions that are plain, at least four letters long and used at least twice, the most used first.

    Questions in the style `typo` are left out, and so are capitalised words: names are no words to correct to.
    """
    counts = Counter(word for line in lines if line["style"] != "typo" for word in set(_WORD.findall(line["question"])))
    return [word for word, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])) if count >= _LEAST]


def main() -> None:
    """Writes the list from the question files that are named."""
    words = frequent(read_lines(Path(name) for name in sys.argv[1:]))
    TARGET.write_text("\n".join(words) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
