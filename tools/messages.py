"""Message catalogues: extract, merge, compile, check, and fill in translations.

python tools/messages.py update          extract messages and compile the catalogues
python tools/messages.py missing         print untranslated zh_CN messages as JSON
python tools/messages.py set < FILE      take {"message id": "translation"} for zh_CN
python tools/messages.py check           fail when a catalogue is stale or incomplete
"""

from __future__ import annotations

import ast
import fcntl
import io
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "deskcrm" / "locale"
KEYWORDS = {"_": None, "N_": None, "translate": None, "translate_plural": (1, 2)}
PLACEHOLDER = re.compile(r"\{(\w+)[^{}]*\}")
LANGUAGES = ("zh_CN", "en")


def extract() -> Catalog:
    """All message ids in the package, in the order of the files."""
    template = Catalog(project="deskcrm", charset="utf-8")
    found = extract_from_dir(
        str(ROOT / "deskcrm"), [("**.py", "python")], keywords=KEYWORDS, strip_comment_tags=True
    )
    for _file, _line, message, _comments, _context in sorted(found, key=lambda row: row[:2]):
        template.add(message)
    for message in sorted(data_messages()):
        template.add(message)
    return template


def data_messages() -> set[str]:
    """Message ids that live in the reference data, under the key ``title`` or ``label``."""
    found: set[str] = set()
    for path in sorted((ROOT / "data").rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        found.update(re.findall(r'^(?:title|label|script)_id = "(.+)"$', text, re.MULTILINE))
    return found


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "deskcrm.po"


def load(language: str) -> Catalog:
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="deskcrm", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def merged(language: str, template: Catalog) -> Catalog:
    """The catalogue with exactly the template's messages and the translations it had."""
    old = load(language)
    new = Catalog(locale=language, project="deskcrm", charset="utf-8", header_comment="")
    new.creation_date = new.revision_date = None  # type: ignore[assignment]
    for message in template:
        if not message.id:
            continue
        before = old.get(message.id if isinstance(message.id, str) else message.id[0])
        text = "" if isinstance(message.id, str) else ("",)
        if before and isinstance(before.string, str) == isinstance(message.id, str):
            text = before.string
        if language == "en" and not (any(text) if isinstance(text, tuple) else text):
            text = message.id
        new.add(message.id, text)
    return new


def po_bytes(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, omit_header=True, sort_output=True, width=100)
    header = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {name_of(catalogue)}\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return header.encode() + buffer.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    with_header = read_po(io.BytesIO(po_bytes(catalogue)), locale=name_of(catalogue))
    # else the header would carry the time of compiling, and no two files would be the same
    with_header.creation_date = with_header.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(buffer, with_header)
    return buffer.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    found = []
    for message in catalogue:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(texts):
            found.append(message.id if isinstance(message.id, str) else message.id[0])
    return found


def misplaced(catalogue: Catalog) -> list[str]:
    """Messages whose translation has other placeholders than the message id."""
    found = []
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(PLACEHOLDER.findall(ids[-1] or ""))
        for text in texts:
            if text and set(PLACEHOLDER.findall(text)) - {"n"} != wanted - {"n"}:
                found.append(ids[0])
    return found


def hidden(template: Catalog) -> list[str]:
    """Messages inside f-strings, where extraction does not see them, and nowhere else."""
    found = []
    for path in sorted((ROOT / "deskcrm").rglob("*.py")):
        for outer in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(outer, ast.JoinedStr):
                continue
            for call in ast.walk(outer):
                match call:
                    case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(text)), *_]):
                        if text not in template:
                            found.append(f"{path.name}:{call.lineno}: in an f-string: {text}")
    return found


def name_of(catalogue: Catalog) -> str:
    """The language by our name; Babel calls zh_CN zh_Hans_CN."""
    return "en" if str(catalogue.locale) == "en" else "zh_CN"


def save(catalogue: Catalog) -> None:
    path = po_path(name_of(catalogue))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(po_bytes(catalogue))
    path.with_suffix(".mo").write_bytes(mo_bytes(catalogue))


def update() -> int:
    template = extract()
    for language in LANGUAGES:
        save(merged(language, template))
    return 0


def missing() -> int:
    print(json.dumps(untranslated(merged("zh_CN", extract())), ensure_ascii=False, indent=1))
    return 0


def set_translations() -> int:
    given: dict[str, str | list[str]] = json.load(sys.stdin)
    update()
    catalogue = load("zh_CN")
    unknown = []
    for key, text in given.items():
        message = catalogue.get(key)
        if message is None:
            unknown.append(key)
        elif isinstance(message.id, tuple):
            message.string = (text,) if isinstance(text, str) else tuple(text)
        else:
            message.string = text
    save(catalogue)
    for key in unknown:
        print("no such message:", key, file=sys.stderr)
    return 1 if unknown else 0


def check() -> int:
    template = extract()
    problems = hidden(template)
    for language in LANGUAGES:
        catalogue = merged(language, template)
        path = po_path(language)
        if not path.exists() or path.read_bytes() != po_bytes(catalogue):
            problems.append(f"{language}: stale, run make messages")
        elif path.with_suffix(".mo").read_bytes() != mo_bytes(catalogue):
            problems.append(f"{language}: not compiled, run make messages")
        problems += [f"{language}: untranslated: {text}" for text in untranslated(catalogue)]
        problems += [f"{language}: other placeholders: {text}" for text in misplaced(catalogue)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def main() -> int:
    commands = {"update": update, "missing": missing, "set": set_translations, "check": check}
    LOCALE.mkdir(parents=True, exist_ok=True)
    with (ROOT / ".messages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return commands[sys.argv[1]]()


if __name__ == "__main__":
    sys.exit(main())
