"""What files of tables came to, kept so that the same files are not parsed again.

Nothing here is needed for a right answer. An entry is found by the content of
the files and trusted only as long as every byte of it is what was written; whatever
is wrong with it, or with the folder that it is in, the files are read instead.

``place.py`` is the folder, ``contents.py`` tells which content files have without
reading them, ``kept.py`` says what an entry holds, ``answers.py`` what was asked of it before.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mpp_cli.dataset.cache import entry as kept
from mpp_cli.dataset.cache.entry import ENGINE as ENGINE
from mpp_cli.dataset.cache.file_index import Contents
from mpp_cli.dataset.cache.folder import Place
from mpp_cli.dataset.cache.query_cache import Answers, AskedBefore
from mpp_cli.dataset.validated import Judgement
from mpp_cli.sources.discover import Found
from mpp_cli.sources.io.files import Input

if TYPE_CHECKING:
    from mpp_cli.sources.mapping.mapping import Mapping as Mapped

#: Files smaller than this in all are parsed before an entry could be read.
WORTH_KEEPING = 1 << 18


@dataclass
class Cache:
    """The kept answers about one set of input files."""

    _place: Place
    _contents: Contents
    _inputs: Sequence[Input]
    _options: Mapping[str, object]
    _began: int

    @classmethod
    def of(cls, found: Found, mapping: Mapped | None, newest_release: bool) -> Cache | None:
        """The cache for these files, None where there is none or nothing to gain.

        Beside the files the answers depend on their ``mapping``, and on whether a month
        that two files hold is taken from the ``newest_release``. Court data are none: of
        these an import is kept, which is a matter of seconds to read.
        """
        began = time.time_ns()
        if found.of_court:
            return None
        try:
            if sum(each.size for each in found.inputs) < WORTH_KEEPING:
                return None
        except OSError:
            return None
        options = {"newest_release": newest_release, "mapping": kept.told(mapping)}
        place = Place.found()
        return cls(place, Contents(place), found.inputs, options, began) if place else None

    def load(
        self, columns: Collection[str], today: datetime.date, paths: tuple[str, ...], sample: bool
    ) -> Judgement | None:
        """What is kept about these files, in an engine of its own; None where nothing fits.

        ``columns`` are the columns of ``cases`` that questions will use.
        """
        hashes = self._contents.known(self._inputs)
        if hashes is None:
            return None
        for entry in self._place.entries(kept.key(self._inputs, hashes, self._options)):
            about = kept.read_about(entry)
            if about is None:
                self._place.remove(entry)
            elif kept.answers(about, columns, today):
                judged = kept.load(entry, about, self._inputs, today, paths, sample)
                if judged is not None:
                    self._place.touch(entry)
                    return judged
                self._place.remove(entry)
        return None

    def store(self, judged: Judgement, columns: Collection[str]) -> None:
        """Keep what was made of these files, if it can be kept, and what will be answered."""
        hashes = self._contents.learn(self._inputs, judged.dataset, self._began)
        if hashes is None:
            return
        key = kept.key(self._inputs, hashes, self._options)
        entry = self._place.add(key, lambda folder: kept.write(folder, judged, columns))
        if entry is not None:
            engine = judged.dataset.engine
            judged.dataset.engine = AskedBefore(engine.name, Answers(entry), engine)
