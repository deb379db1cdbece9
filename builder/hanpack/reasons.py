"""Why a record or a file was not kept: the table of causes, each with the sentence that reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique


@unique
class Cause(Enum):
    """Every cause for which a record is not kept.

    ``template`` is the sentence that reports it, with the names of its fields in braces. ``reproducible``
    says whether the cause follows from the bytes of the source: a replay of the record then gives the same
    cause.
    """

    template: str
    reproducible: bool

    def __init__(self, template: str, reproducible: bool = True) -> None:
        self.template = template
        self.reproducible = reproducible

    # The file cannot be read.
    UNKNOWN_FORMAT = ("hanpack does not read {suffix}: {advice}",)
    COMPRESSED_PARQUET = (
        "a compressed Parquet file is not read: decompress it, since Parquet compresses its own pages",
    )
    LINK_OUT_OF_ROOT = (
        "a symbolic link that leaves the recipe's root is not followed: set 'root' to a folder with both",
    )
    LINK_TO_FOLDER = ("a symbolic link to a folder is not followed: name the folder itself",)
    NOT_A_FILE = ("not a regular file (a pipe, socket or device)",)
    CANNOT_OPEN = ("cannot be opened: {detail}",)
    NO_PERMISSION = ("cannot be read: permission denied: let your user read it",)
    CANNOT_READ = ("cannot be read: {detail}",)
    CANNOT_READ_TO_END = ("cannot be read to its end: {detail}; save or download it again",)
    INVALID_PARQUET = ("cannot be read as Parquet: {detail}; save or download it again",)
    INVALID_PACKAGE = ("cannot be read as DOCX or EPUB: {detail}; save or download it again",)
    INVALID_PDF = ("cannot be read as PDF: {detail}; save or download it again",)
    OTHER_CONTENT = ("its content is {content}, not {format}: {advice}",)
    NO_TEXT_LAYER = ("no page has text (pages: {pages:,}): recognise the text of a scan first (OCR)",)
    ENCRYPTED = ("encrypted: {detail}; remove the protection",)
    INVALID_ARROW = ("cannot be read as Arrow: {detail}; save or download it again",)
    INVALID_WARC = ("cannot be read as WARC: byte {offset}: {detail}",)
    NO_TEXT_COLUMN = ("the text column {column!r} is not a column of strings: {detail}",)
    NAME_TOO_LONG = ("the path is longer than {limit:,} bytes",)
    COMPRESSED_AGAIN = ("compressed {layers} times, more than {limit}",)
    NO_MEMBERS = ("the archive has no files",)
    MEMBER_OUTSIDE = ("the name of the file in its archive leads out of it",)
    MEMBER_LINK = ("a link in an archive is not followed",)
    REPEATED_MEMBER = ("the archive has a later file of this name",)
    EXPANDS_TOO_FAR = ("it expands to more than the recipe's limits.max_expansion allows",)
    UNDECIDED_ENCODING = (
        (
            "the encoding cannot be decided: {detail}; give it as 'encoding' in the recipe, and look at the "
            "text: a wrong one gives other characters"
        ),
    )
    MIXED_ENCODINGS = ("its lines are in two encodings: {detail}; write all of them in UTF-8",)

    # Reading stopped within the file.
    READ_ERROR = ("cannot be read further: {detail}",)
    PARQUET_READ_ERROR = ("cannot be read further as Parquet: {detail}",)
    ARROW_READ_ERROR = ("cannot be read further as Arrow: {detail}",)
    WARC_READ_ERROR = ("cannot be read further as WARC: byte {offset}: {detail}",)
    HTTP_STATUS = ("the server answered {status}",)
    CONTENT_TYPE = ("the content is {type}, not HTML or text",)
    NO_DOCUMENT = ("it is {what}: made for programs, and no document",)
    PAYLOAD_ENCODED = ("the payload cannot be decoded: {detail}",)
    FILE_CHANGED = ("the file changed while it was read", False)
    RECORD_TOO_LONG = ("longer than {limit:,} bytes",)
    NULL_VALUE = ("the text is null",)

    # The bytes of the record are not text.
    INVALID_BYTES = ("byte {offset}: {bytes} is not {encoding}: {detail}",)
    TRUNCATED_JSON = ("byte {offset}: the JSON is cut off: {detail}",)
    INVALID_JSON = ("byte {offset}: not JSON: {detail}",)
    NOT_AN_OBJECT = ("byte {offset}: not a JSON object",)
    TEXT_AFTER_OBJECT = ("byte {offset}: more text after the object",)
    NESTED_TOO_DEEP = ("byte {offset}: nested deeper than {limit} levels",)
    REPEATED_KEY = ("byte {offset}: the key {key!r} stands twice",)
    NUMBER_TOO_LONG = ("byte {offset}: {detail}",)
    MISSING_COLUMN = ("byte {offset}: the column {column!r} is missing",)
    NULL_COLUMN = ("byte {offset}: the column {column!r} is null",)
    COLUMN_NOT_TEXT = ("byte {offset}: the column {column!r} is no string",)
    INVALID_ROW = ("byte {offset}: not a row of CSV: {detail}",)
    LONE_SURROGATE = ("byte {offset}: half of a surrogate pair",)
    INVALID_XML = ("not XML: {detail}",)

    # The record was read, and is not kept.
    NO_TEXT = ("no text",)
    COPY = ("a copy of {source} record {record}",)
    COPY_ELSEWHERE = ("a copy of the document {document} of the build {build}",)
    WITHDRAWN = ("withdrawn on {date} at the request {request}: {why}",)
    LOW_QUALITY = ("{figure} is {value}, and the recipe keeps documents {bounds}",)
    EVALUATION_TEXT = ("characters {start} to {end} are the evaluation text {name}",)

    # The record could not be processed on that machine.
    MISSING_PACKAGE = ("it needs {package}: pip install 'hanpack[{extra}]'", False)
    WORKER_DIED = ("a worker died on it (out of memory, or a fault in a native library)", False)
    TIME_LIMIT = ("it took longer than {seconds} seconds", False)
    INTERNAL_ERROR = ("hanpack failed on it: {error}: {detail}", False)

    @property
    def code(self) -> str:
        """The name of the cause as a build writes it.

        >>> Cause.NO_TEXT.code
        'no_text'
        """
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause with the values of its fields; its string is the sentence that people read.

    >>> str(Reason(Cause.RECORD_TOO_LONG, {"limit": 67_108_864}))
    'longer than 67,108,864 bytes'
    """

    cause: Cause
    fields: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.cause.template.format(**self.fields)


def find_cause(code: str) -> Cause:
    """The cause whose code is ``code``.

    Raises:
        ValueError: no cause has this code.
    """
    try:
        return Cause[code.upper()]
    except KeyError as error:
        raise ValueError(f"there is no cause {code!r}") from error
