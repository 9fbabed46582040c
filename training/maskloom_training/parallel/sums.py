"""Means of what the parts of a step report."""


class Means:
    """Loss and printed values, added up part by part. A value that only some parts report is averaged over those."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def add(self, loss: float, values: dict[str, float]) -> None:
        """Adds one part."""
        for name, value in {"loss": loss, **values}.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1

    def pairs(self) -> dict[str, tuple[float, int]]:
        """Sum and count by name, for adding over processes."""
        return {name: (self._sums[name], self._counts[name]) for name in self._sums}

    def merge(self, others: list[dict[str, tuple[float, int]]]) -> "Means":
        """The means over all of `others`."""
        merged = Means()
        for pairs in others:
            for name, (total, count) in pairs.items():
                merged._sums[name] = merged._sums.get(name, 0.0) + total
                merged._counts[name] = merged._counts.get(name, 0) + count
        return merged

    def result(self) -> tuple[float, dict[str, float]]:
        """(loss, the other values)."""
        means = {name: total / self._counts[name] for name, total in self._sums.items()}
        return means.pop("loss"), means
