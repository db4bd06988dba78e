"""The one error of a specification, a dialect file or fixtures that can't be used."""


class SpecError(Exception):
    """A file that people write is broken: names the file, the entry in it and the fault."""

    def __init__(self, file: str, entry: str, fault: str) -> None:
        super().__init__(f"{file}: {entry}: {fault}" if entry else f"{file}: {fault}")
        self.file, self.entry, self.fault = file, entry, fault
