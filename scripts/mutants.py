"""Mechanical mutants of C++ sources, one build for all of them.

Each file is parsed with clang and rewritten so that one of its mutants can be chosen when a program
runs, by the environment variable GRANTSPEC_MUTATION: a relational, logical or arithmetic operator
is replaced, a condition becomes true or false, a constant one more or one less, a statement is left
out. With `texts`, also what a protocol is made of: a text gets another case or another last byte,
and texts are compared with another rule of case. scripts/mutate and scripts/mutate-endpoint say
what the mutants are run on.
"""
import collections
import dataclasses
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Not part of what is built: data of other programs, which is large.
LEFT_OUT = ("fixtures/servers/", "fuzz/seeds/", "fuzz/mutants/proofs/")

SWAPS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "&&": ("||",),
    "||": ("&&",),
    "+": ("-",),
    "-": ("+",),
    "*": ("/",),
    "/": ("*",),
    "%": ("*",),
    "<<": (">>",),
    ">>": ("<<",),
    "&": ("|",),
    "|": ("&",),
    "^": ("&",),
}
REMOVABLE = {
    "CallExpr",
    "CXXMemberCallExpr",
    "CXXOperatorCallExpr",
    "CompoundAssignOperator",
    "ExprWithCleanups",
    "BreakStmt",
    "ContinueStmt",
}
SWITCH = """// Which mutant is active: chosen by the environment when the program starts.
#pragma once
#include <cstdio>
#include <cstdlib>
namespace grantspec_mutation {
inline const int active = [] {
  const char* value = std::getenv("GRANTSPEC_MUTATION");
  return value == nullptr ? 0 : std::atoi(value);
}();
inline bool reached[%(count)d];
inline const int reports = std::atexit([] {
  const char* name = std::getenv("GRANTSPEC_MUTATION_REACHED");
  std::FILE* file = name == nullptr ? nullptr : std::fopen(name, "w");
  if (file == nullptr) return;
  for (bool one : reached) std::fputc(one ? '1' : '0', file);
  std::fclose(file);
});
inline bool On(int id) {
  reached[id] = true;
  return id == active;
}
}  // namespace grantspec_mutation
"""


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One change of a source: the text from begin to end becomes another one."""

    file: str
    begin: int
    end: int
    becomes: str  # "": the statement is left out

    def line(self, source):
        return source.count(b"\n", 0, self.begin) + 1

    def was(self, source):
        return one_line(source[self.begin : self.end])


def one_line(text):
    return re.sub(r"\s+", " ", text.decode())


def fail(sentence):
    print(f"{pathlib.Path(sys.argv[0]).name}: {sentence}", file=sys.stderr)
    sys.exit(2)


class Reader:
    """Finds the mutants of one file in clang's dump of its syntax tree."""

    def __init__(self, file, texts=False):
        self.file = file
        self.texts = texts
        self.source = (ROOT / file).read_bytes()
        self.current = ""  # clang names a file only where it differs from that of the node before
        self.mutants = set()
        self.conditions = set()  # ranges that are converted to bool
        self.constants = set()  # where a variable says constexpr

    def read(self):
        command = ["clang++", "-std=c++20", f"-I{ROOT}", "-fsyntax-only", "-Xclang"]
        command += ["-ast-dump=json", "-Xclang", "-ast-dump-filter=grantspec", self.file]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            fail(f"clang cannot parse {self.file}: {done.stderr.strip()}")
        decoder, at, text = json.JSONDecoder(), 0, done.stdout
        while match := re.compile(r"\s*(?=\{)").match(text, at):
            tree, at = decoder.raw_decode(text, match.end())
            self.visit(tree)
        return self

    def locate(self, place):
        """The offset and the length of a token, or None where a macro made it."""
        macro = False
        for key in ("spellingLoc", "expansionLoc"):
            if key in place:
                macro = True
                self.locate(place[key])
        self.current = place.get("file", self.current)
        return None if macro or "offset" not in place else (place["offset"], place["tokLen"])

    def span(self, node):
        return node.get("span")

    def visit(self, node):
        name = self.locate(node.get("loc", {}))
        bounds = node.get("range", {})
        begin = self.locate(bounds.get("begin", {}))
        inside = self.current == self.file
        end = self.locate(bounds.get("end", {}))
        if begin and end and inside:
            node["span"] = (begin[0], end[0] + end[1])
        for child in node.get("inner", []):
            self.visit(child)
        if "span" not in node or node.get("kind") == "ConstantExpr":
            return
        if node["kind"] == "VarDecl" and node.get("constexpr"):
            self.constants.add((begin[0], name[0]))
        self.mutate(node)

    def add(self, span, becomes):
        if becomes.encode() != self.text(*span):
            self.mutants.add(Mutant(self.file, *span, becomes))

    def text(self, begin, end):
        return self.source[begin:end]

    def mutate(self, node):
        kind, inner = node["kind"], node.get("inner", [])
        if kind == "BinaryOperator":
            self.mutate_operator(node)
            if node["opcode"] in ("&&", "||"):
                for child in inner:
                    self.mutate_condition(child)
        elif kind in ("IntegerLiteral", "CharacterLiteral"):
            self.mutate_constant(node)
        elif kind in ("StringLiteral", "CXXOperatorCallExpr", "CallExpr") and self.texts:
            self.mutate_text(node)
        elif kind == "CXXBoolLiteralExpr":
            self.add(node["span"], "false" if node["value"] else "true")
        elif kind == "IfStmt" and not node.get("hasVar"):
            self.mutate_condition(inner[1 if node.get("hasInit") else 0])
        elif kind == "ForStmt" and len(inner) == 5:
            self.mutate_condition(inner[2])
        elif kind in ("WhileStmt", "ConditionalOperator") and inner:
            self.mutate_condition(inner[0])
        elif kind == "ReturnStmt" and inner and self.is_bool(inner[0]):
            self.mutate_condition(inner[0])
        elif kind == "VarDecl" and self.is_bool(node) and node.get("init") == "c":
            self.mutate_condition(inner[-1])
        bodies = inner if kind == "CompoundStmt" else []
        if kind == "IfStmt":
            bodies = inner[1:]
        elif kind in ("ForStmt", "WhileStmt", "CXXForRangeStmt"):
            bodies = inner[-1:]
        for body in bodies:
            self.mutate_statement(body)

    @staticmethod
    def is_bool(node):
        return node.get("type", {}).get("qualType") in ("bool", "const bool")

    def mutate_operator(self, node):
        left, right = (self.span(child) for child in node["inner"])
        if not left or not right or "<dependent" in node["type"]["qualType"]:
            return
        between = self.text(left[1], right[0])
        operator = node["opcode"].encode()
        if between.count(operator) != 1 or b"//" in self.text(*node["span"]):
            return
        for other in SWAPS.get(node["opcode"], ()):
            text = self.text(node["span"][0], left[1]) + between.replace(operator, other.encode())
            self.add(node["span"], one_line(text + self.text(right[0], node["span"][1])))

    def mutate_condition(self, node):
        if span := self.span(node):
            self.conditions.add(span)
            self.add(span, "true")
            self.add(span, "false")

    def mutate_constant(self, node):
        text = self.text(*node["span"]).decode()
        changes = ("+ 1",) if node.get("value") in ("0", 0) else ("+ 1", "- 1")
        for change in changes:
            becomes = f"{text} {change}"
            is_char = node["kind"] == "CharacterLiteral"
            self.add(node["span"], f"static_cast<char>({becomes})" if is_char else f"({becomes})")

    def mutate_text(self, node):
        """A text in another case or with another last byte; texts compared in another way."""
        if node["kind"] == "StringLiteral":
            text = self.text(*node["span"]).decode()
            if re.fullmatch(r'"[^"\\\\]+"', text):
                self.add(node["span"], text.swapcase())
                self.add(node["span"], text[:-2] + ("y" if text[-2] == "x" else "x") + '"')
            return
        name, *operands = node["inner"]
        while "referencedDecl" not in name and name.get("inner"):
            name = name["inner"][0]
        name = name.get("referencedDecl", {}).get("name")
        spans = [self.span(operand) for operand in operands]
        if name not in ("operator==", "operator!=", "EqualsFolded") or None in spans:
            return
        left, right = (self.text(*span).decode() for span in spans)
        if name == "EqualsFolded":
            return self.add(node["span"], f"({left}) == ({right})")
        other = "!=" if name == "operator==" else "=="
        self.add(node["span"], f"({left}) {other} ({right})")
        folded = f"EqualsFolded({left}, {right})"
        self.add(node["span"], folded if name == "operator==" else f"!{folded}")

    def mutate_statement(self, node):
        kind = node.get("kind")
        removable = kind in REMOVABLE
        removable |= kind == "BinaryOperator" and node.get("opcode") == "="
        removable |= kind == "UnaryOperator" and node.get("opcode") in ("++", "--")
        if removable and self.span(node):
            self.add(self.span(node), "")


def rewritten(reader, numbers):
    """The source with a switch for each of its mutants that has a number."""
    spans = collections.defaultdict(list)
    statements = {}
    for mutant in sorted(numbers.keys() & reader.mutants, key=numbers.get):
        if mutant.becomes == "":
            statements[mutant.begin, mutant.end] = numbers[mutant]
        else:
            spans[mutant.begin, mutant.end].append((numbers[mutant], mutant.becomes))
    edits = [(*span, 1, None) for span in statements] + [(*s, 2, a) for s, a in spans.items()]
    edits += [(*span, 0, None) for span in reader.constants]
    edits.sort(key=lambda edit: (edit[0], -edit[1], edit[2]))

    def render(begin, end, inner):
        text, at = "", begin
        while inner:
            first, inside = inner[0], [e for e in inner[1:] if e[1] <= inner[0][1]]
            inside = [e for e in inside if e[0] >= first[0]]
            inner = [e for e in inner[1:] if e not in inside]
            text += reader.source[at : first[0]].decode()
            text += apply(first, render(first[0], first[1], inside))
            at = first[1]
        return text + reader.source[at:end].decode()

    def apply(edit, body):
        begin, end, kind, alternatives = edit
        if kind == 0:
            return body.replace("constexpr", "const", 1)
        if kind == 1:
            return f"if (grantspec_mutation::On({statements[begin, end]})) {{}} else {body}"
        choice = "".join(
            f"grantspec_mutation::On({number}) ? ({becomes}) : " for number, becomes in alternatives
        )
        if (begin, end) in reader.conditions:
            body = f"static_cast<bool>({body})"
        return f"({choice}({body}))"

    head = f'#include "mutation.h"\n#line 1 "{reader.file}"\n'
    return head + render(0, len(reader.source), edits)


def write(path, content):
    """Leaves a file that has this content alone, so that it is not compiled again."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def copy_tree(tree, files):
    """Copies what is built, except for the files that are rewritten."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in listed:
        if name and name not in files and not name.startswith(LEFT_OUT):
            if (ROOT / name).is_file():
                write(tree / name, (ROOT / name).read_bytes())


def compilable(tree, readers, numbers):
    """Writes the rewritten sources; leaves out mutants on lines that do not compile with them."""
    numbers = dict(numbers)
    left_out = 0
    write(tree / "mutation.h", (SWITCH % {"count": len(numbers) + 1}).encode())
    for reader in readers:
        for _ in range(8):
            write(tree / reader.file, rewritten(reader, numbers).encode())
            command = ["clang++", "-std=c++20", f"-I{tree}", "-fsyntax-only", "-w"]
            command += ["-Wno-c++11-narrowing", "-Wno-invalid-constexpr", "-ferror-limit=0"]
            command += ["-x", "c++", reader.file]
            done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                break
            error = rf"^{re.escape(reader.file)}:(\d+):\d+: (?:error|note)"
            lines = {int(n) for n in re.findall(error, done.stderr, re.M)}
            bad = [m for m in numbers if m.file == reader.file and m.line(reader.source) in lines]
            if not bad:
                fail(f"the mutants of {reader.file} do not compile:\n{done.stderr}")
            left_out += len(bad)
            for mutant in bad:
                del numbers[mutant]
    return numbers, left_out


def listed(path, sources):
    """Entry of a list of known mutants: the text of a line, what changes in it, and the reason."""
    if not path.exists():
        return lambda mutant: None
    entries = {
        (e["file"], e["line"], e["was"], e["becomes"]): e
        for e in json.loads(path.read_text(encoding="utf-8"))
    }

    def known(mutant):
        source = sources[mutant.file]
        line = source.split(b"\n")[mutant.line(source) - 1].decode().strip()
        return entries.get((mutant.file, line, mutant.was(source), mutant.becomes))

    return known


def read(paths, texts=False):
    """The sources by their names, and what was found in them: readers and mutants in order."""
    if not all(path.is_file() and path.is_relative_to(ROOT) for path in paths):
        fail("FILE has to be a source inside of this repository")
    if not shutil.which("clang++"):
        fail("clang++ is missing: Debian's packages are clang and libclang-rt-14-dev")
    readers = [Reader(str(path.relative_to(ROOT)), texts).read() for path in paths]
    mutants = sorted(
        (m for reader in readers for m in reader.mutants),
        key=lambda m: (m.file, m.begin, m.end, m.becomes),
    )
    return readers, mutants


def described(mutant, source):
    """One mutant as a line of a list."""
    becomes = mutant.becomes or "(left out)"
    return f"{mutant.file}:{mutant.line(source)}: {mutant.was(source)}  ->  {becomes}"


def configure(tree, folder, options):
    """The command that configures a build of a rewritten tree."""
    flags = "-w -Wno-c++11-narrowing -Wno-invalid-constexpr"
    command = ["cmake", "-S", tree, "-B", folder, "-G", "Ninja", f"-DCMAKE_CXX_FLAGS={flags}"]
    command += ["-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_BUILD_TYPE=Release"]
    command += ["-DCMAKE_CXX_FLAGS_RELEASE=-O1", "-DGRANTSPEC_TESTS=OFF"]
    return command + ["-DGRANTSPEC_PROPERTIES=OFF", "-DGRANTSPEC_WERROR=OFF", *options]


def build(tree, folder, options, targets):
    """Builds targets of a rewritten tree."""
    commands = [["cmake", "--build", folder, "--target", *targets]]
    if not (folder / "build.ninja").exists():
        commands.insert(0, configure(tree, folder, options))
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            fail(f"the build fails:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
