/**
 * Puts values into a rendered batch script so that they stay data. The script is read as bash reads it, as
 * far as needed to know what each placeholder stands in: code, quotes, a comment, an `#SBATCH` line. Where
 * that is not certain, or quoting cannot help, the value is refused.
 *
 * What is trusted is the script around the placeholders: it is the user's own code.
 *
 * @module
 */
import { escapeAnsi, quoteForShell } from "../../core/shell.ts";

/** What a placeholder stands for. */
export interface Filling {
  /** The template's variable, for messages. */
  readonly variable: string;
  /** The value; or, of a command, its words. */
  readonly words: readonly string[];
  /** Whether this is a command of several words instead of one value. */
  readonly isCommand: boolean;
}

/** A value that cannot be put where the script wants it. */
export interface Misfit {
  readonly variable: string;
  /** Why, as a clause: "it stands in a here-document". */
  readonly reason: string;
  /** What kind of line it stands on. */
  readonly on: "sbatch" | "comment" | "code";
}

/** A script whose placeholders are filled. */
export interface Filled {
  readonly script: string;
  /** Values that had no place; the script is of no use if there is one. */
  readonly misfits: readonly Misfit[];
  /** Whether the script's end is known to be plain code, outside all quotes and here-documents. */
  readonly endsInCode: boolean;
}

/** What the scanner is in the middle of. */
type Frame =
  | { kind: "code"; parentheses: number; outer?: Place; isArray?: boolean }
  | { kind: "single" | "double" | "ansi" | "backticks" | "parameter" | "document" }
  | Comment
  | { kind: "arithmetic"; parentheses: number };

/** Where a word and the command it is of begin. */
interface Place {
  readonly word: number;
  readonly command: number;
}

type Comment = { kind: "comment" } | { kind: "sbatch"; quote: string };

const NAMES = {
  code: "command substitution inside quotes",
  single: "quotes",
  double: "quotes",
  ansi: "quotes",
  backticks: "backticks",
  parameter: "${...}",
  comment: "a comment",
  document: "a here-document",
  sbatch: "an #SBATCH line",
  arithmetic: "arithmetic, ((...)),",
} as const satisfies Record<Frame["kind"], string>;

/** Programs that read their arguments as code once more, so that no quoting of ours would hold. */
const REPARSED =
  /(?:^|[\s/])(?:eval|let|trap|alias|ssh|xargs|sed|\w*awk|(?:(?:ba|da|z|k|tc|c)?sh|su|python[\d.]*|perl)\s(?:[^]*\s)?-\w*[ce]|(?:declare|typeset|local)\s(?:[^]*\s)?-\w*[in]\w*|(?:printf|test|\[\[?)\s(?:[^]*\s)?-v)\s/;

/** What takes names of variables, in which bash evaluates the index. */
const NAMING =
  /(?:^|\s)(?:declare|typeset|local|export|readonly|unset|read|mapfile|readarray|getopts)\s/;

/** Numbers as `[[` takes them: an operand is evaluated as an expression. */
const NUMERIC_TEST = /\s-(?:eq|ne|lt|le|gt|ge)\s/;

/**
 * Fills the placeholders of a script.
 *
 * @param text The rendered script. A placeholder is `mark`, an index into `fillings`, and `mark` again.
 * @param mark One character that is nowhere else in the script.
 * @returns The script, and the values that cannot be put where they are wanted.
 */
export function fillShell(text: string, mark: string, fillings: readonly Filling[]): Filled {
  return new Scanner(text, mark, fillings).run();
}

/** A value as Slurm's own reading of `#SBATCH` lines must be given it. */
export function quoteForSbatch(value: string): string {
  return /^[^\s"'\\#]+$/.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

class Scanner {
  readonly #text: string;
  readonly #mark: string;
  readonly #fillings: readonly Filling[];
  readonly #misfits: Misfit[] = [];
  readonly #frames: Frame[] = [{ kind: "code", parentheses: 0 }];
  readonly #documents: { delimiter: string; stripsTabs: boolean; isQuoted: boolean }[] = [];
  /** How many frames deep the here-documents were announced. */
  #documentsAt = 0;
  #out = "";
  #at = 0;
  /** Where in the text the current word and the current command began. */
  #word = 0;
  #command = 0;
  /** Whether a `#` here would begin a comment. */
  #atWordStart = true;
  /** Whether the last character was a `$` that expands to nothing yet. */
  #afterDollar = false;
  /** Why the context is not known any more. */
  #lost: string | undefined;

  constructor(text: string, mark: string, fillings: readonly Filling[]) {
    this.#text = text;
    this.#mark = mark;
    this.#fillings = fillings;
  }

  run(): Filled {
    while (this.#at < this.#text.length) this.#step();
    const [frame] = this.#frames;
    return {
      script: this.#out,
      misfits: this.#misfits,
      endsInCode: this.#frames.length === 1 && frame?.kind === "code" &&
        this.#documents.length === 0 && this.#lost === undefined,
    };
  }

  get #frame(): Frame {
    return this.#frames.at(-1)!; // the first frame is never popped
  }

  #step(): void {
    if (this.#isAt(this.#mark)) return this.#fill();
    if (this.#lost !== undefined) return this.#copy(1);
    const frame = this.#frame;
    this.#afterDollar = false;
    switch (frame.kind) {
      case "code":
        return this.#stepCode(frame);
      case "single":
        return this.#leaveAt("'");
      case "ansi":
        return this.#isAt("\\") ? this.#copyEscaped() : this.#leaveAt("'");
      case "backticks":
        return this.#isAt("\\") ? this.#copyEscaped() : this.#leaveAt("`");
      case "comment":
      case "sbatch":
        return this.#stepComment(frame);
      case "double":
        if (this.#isAt("\\")) return this.#copyEscaped();
        if (this.#isAt("$")) return this.#stepDollar(false);
        return this.#isAt("`") ? this.#enter({ kind: "backticks" }, 1) : this.#leaveAt('"');
      case "parameter":
        return this.#stepParameter();
      case "arithmetic":
        return this.#stepArithmetic(frame);
      case "document":
        throw new Error("here-documents are read whole");
    }
  }

  #stepCode(frame: Frame & { kind: "code" }): void {
    const character = this.#text[this.#at]!; // run() sees to it that there is one
    // Such is wrong in x=(...), and the one mistake after which bash skips to the next line and goes on.
    if (frame.isArray && /[;&|<>(]/.test(character)) this.#lose(`${character} stands in an array`);
    switch (character) {
      case "\\":
        if (this.#isAt("\\\n")) return this.#copy(2); // the line goes on: a word may still begin
        this.#atWordStart = false;
        return this.#copyEscaped();
      case "'":
        return this.#enter({ kind: "single" }, 1);
      case '"':
        return this.#enter({ kind: "double" }, 1);
      case "`":
        return this.#enter({ kind: "backticks" }, 1);
      case "$":
        return this.#stepDollar(true);
      case "#":
        if (!this.#atWordStart) break;
        return this.#enterComment();
      case "(":
        if (this.#isAt("((")) return this.#enter({ kind: "arithmetic", parentheses: 2 }, 2);
        if (this.#text[this.#at - 1] === "=") return this.#enterCode(1, true);
        frame.parentheses++;
        break;
      case ")":
        if (frame.outer !== undefined && frame.parentheses === 0) {
          this.#copy(1);
          if (this.#documents.length > 0) this.#lose("a here-document begins in (...)");
          this.#frames.pop();
          this.#atWordStart = false;
          this.#word = frame.outer.word;
          this.#command = frame.outer.command;
          return;
        }
        frame.parentheses = Math.max(0, frame.parentheses - 1); // or the end of a case's pattern
        break;
      case "<":
        if (this.#isAt("<<<")) return this.#copy(3);
        if (this.#isAt("<<")) return this.#beginDocument();
        break;
      case "\n":
        this.#copy(1);
        this.#atWordStart = true;
        this.#word = this.#command = this.#at;
        return this.#lost === undefined ? this.#copyDocuments() : undefined;
    }
    // Patterns of a case end in a parenthesis that would be taken for the substitution's end.
    if (
      this.#atWordStart && this.#frames.length > 1 &&
      /^case[ \t\n]/.test(this.#text.slice(this.#at, this.#at + 5))
    ) this.#lose("a case stands in (...)");
    const before = this.#text[this.#at - 1] ?? "";
    this.#copy(1);
    this.#atWordStart = /[\s;&|()<>]/.test(character);
    if (this.#atWordStart) this.#word = this.#at;
    const isRedirection = /[<>]/.test(before) || character === "&" && this.#isAt(">");
    if (/[;&|]/.test(character) && !isRedirection) this.#command = this.#at;
  }

  /** At a `$`, in code, double quotes, `${...}` or arithmetic. */
  #stepDollar(inCode: boolean): void {
    this.#atWordStart = false;
    if (this.#isAt("$((")) return this.#enter({ kind: "arithmetic", parentheses: 2 }, 3);
    if (this.#isAt("$(")) return this.#enterCode(2, false);
    if (this.#isAt("${")) return this.#enter({ kind: "parameter" }, 2);
    if (this.#isAt("$[")) {
      this.#lose("$[...] is used");
      return this.#copy(2);
    }
    if (inCode && this.#isAt("$'")) return this.#enter({ kind: "ansi" }, 2);
    if (inCode && this.#isAt('$"')) return this.#enter({ kind: "double" }, 2);
    if (/^\$[$!?@*#0-9-]/.test(this.#text.slice(this.#at, this.#at + 2))) return this.#copy(2);
    this.#copy(1);
    this.#afterDollar = true;
  }

  #stepParameter(): void {
    const character = this.#text[this.#at];
    const isQuoted = this.#frames.some(({ kind }) => kind === "double");
    if (character === "\\") return this.#copyEscaped();
    if (character === "$") return this.#stepDollar(!isQuoted);
    if (character === "`") return this.#enter({ kind: "backticks" }, 1);
    if (character === '"') return this.#enter({ kind: "double" }, 1);
    if (character === "'" && !isQuoted) return this.#enter({ kind: "single" }, 1);
    // Whether these count hangs on the operator, and on the version of bash.
    if (character === "'" || character === "{") this.#lose(`${character} stands in \${...}`);
    this.#leaveAt("}");
  }

  #stepArithmetic(frame: Frame & { kind: "arithmetic" }): void {
    const character = this.#text[this.#at];
    if (character === "\\") return this.#copyEscaped();
    if (character === "$") return this.#stepDollar(false);
    if (character === "`") return this.#enter({ kind: "backticks" }, 1);
    if (character === '"') return this.#enter({ kind: "double" }, 1);
    if (character === "'") this.#lose("' stands in ((...))");
    if (character === "#" && /\s/.test(this.#text[this.#at - 1] ?? "")) {
      this.#lose("# stands in ((...))");
    }
    if (character === "(") frame.parentheses++;
    if (character === ")" && --frame.parentheses === 1) {
      // Then it was a subshell in a subshell, and read wrongly.
      if (!this.#isAt("))")) this.#lose("(( does not end in ))");
      this.#frames.pop();
      return this.#copy(2);
    }
    this.#copy(1);
  }

  #stepComment(frame: Comment): void {
    if (this.#isAt("\n")) {
      this.#frames.pop();
      return; // the newline is code's
    }
    if (frame.kind === "sbatch") {
      const character = this.#text[this.#at]!; // run() sees to it that there is one
      if (character === "\\" && !this.#isAt("\\\n")) return this.#copyEscaped();
      if (frame.quote === "" && character === "#") {
        this.#frames[this.#frames.length - 1] = { kind: "comment" };
      } else if (frame.quote === "" && /['"]/.test(character)) frame.quote = character;
      else if (character === frame.quote) frame.quote = "";
    }
    this.#copy(1);
  }

  #enterComment(): void {
    const isLine = this.#at === 0 || this.#text[this.#at - 1] === "\n";
    if (isLine && this.#isAt("#SBATCH")) {
      return this.#enter({ kind: "sbatch", quote: "" }, "#SBATCH".length);
    }
    this.#enter({ kind: "comment" }, 1);
  }

  #beginDocument(): void {
    const operator = /^<<(-?)[ \t]*(?:'([\w.+-]+)'|"([\w.+-]+)"|\\?([\w.+-]+))(?=[\s;&|<>)]|$)/
      .exec(
        this.#text.slice(this.#at, this.#at + 200),
      );
    const delimiter = operator?.[2] ?? operator?.[3] ?? operator?.[4];
    if (operator === null || delimiter === undefined) {
      this.#lose("<< is not followed by a plain word");
      return this.#copy(2);
    }
    if (this.#documents.length > 0 && this.#documentsAt !== this.#frames.length) {
      this.#lose("here-documents are announced in one another");
    }
    this.#documentsAt = this.#frames.length;
    this.#documents.push({
      delimiter,
      stripsTabs: operator[1] === "-",
      isQuoted: /['"\\]/.test(operator[0]),
    });
    this.#copy(operator[0].length);
    this.#atWordStart = false;
  }

  /** After a newline in code: the here-documents that the line before announced. */
  #copyDocuments(): void {
    while (this.#documents.length > 0 && this.#at < this.#text.length) {
      const { delimiter, stripsTabs, isQuoted } = this.#documents[0]!; // its length was asked
      const newline = this.#text.indexOf("\n", this.#at);
      const end = newline < 0 ? this.#text.length : newline;
      const line = this.#text.slice(this.#at, end);
      this.#frames.push({ kind: "document" });
      while (this.#at < end) this.#isAt(this.#mark) ? this.#fill() : this.#copy(1);
      this.#frames.pop();
      if (newline >= 0) this.#copy(1);
      // It goes on below, and may become the delimiter or keep it from being one.
      if (!isQuoted && line.endsWith("\\")) {
        this.#lose("a here-document's line ends in a backslash");
      }
      if ((stripsTabs ? line.replace(/^\t+/, "") : line) === delimiter) this.#documents.shift();
    }
    this.#word = this.#command = this.#at;
  }

  #isAt(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #copy(count: number): void {
    const text = this.#text.slice(this.#at, this.#at + count);
    const isWhereBegun = this.#frame.kind === "code" && this.#frames.length === this.#documentsAt;
    if (this.#documents.length > 0 && text.includes("\n") && !isWhereBegun) {
      this.#lose("a here-document is announced by a command of several lines");
    }
    this.#out += text;
    this.#at += count;
  }

  #copyEscaped(): void {
    this.#copy(1);
    if (this.#isAt(this.#mark)) this.#fill("it comes after a backslash");
    else this.#copy(1);
  }

  #enter(frame: Frame, count: number): void {
    this.#copy(count);
    this.#frames.push(frame);
    this.#atWordStart = false;
  }

  #enterCode(count: number, isArray: boolean): void {
    const outer = { word: this.#word, command: this.#command };
    this.#enter({ kind: "code", parentheses: 0, outer, isArray }, count);
    this.#atWordStart = true;
    this.#word = this.#at;
    if (!isArray) this.#command = this.#at;
  }

  #leaveAt(end: string): void {
    if (this.#isAt(end)) this.#frames.pop();
    this.#copy(1);
  }

  #lose(reason: string): void {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    this.#lost ??=
      `the script's quoting cannot be followed from its line ${line} on, where ${reason}`;
  }

  /** Fills the placeholder here, or refuses it. */
  #fill(refusal?: string): void {
    const end = this.#text.indexOf(this.#mark, this.#at + 1);
    const index = this.#text.slice(this.#at + 1, end);
    const filling = end < 0 || !/^\d+$/.test(index) ? undefined : this.#fillings[Number(index)];
    if (filling === undefined) {
      this.#misfits.push({
        variable: "",
        reason: "the template takes a value apart that needs quotes",
        on: "code",
      });
      this.#at = this.#text.length;
      return;
    }
    const reason = refusal ?? this.#refusal(filling);
    if (reason === undefined) {
      this.#out += this.#inContext(filling);
    } else {
      const { kind } = this.#frame;
      const on = kind === "sbatch" || kind === "comment" ? kind : "code";
      this.#misfits.push({ variable: filling.variable, reason, on });
    }
    this.#at = end + 1;
    this.#atWordStart = this.#afterDollar = false;
  }

  /** Why a value cannot be put here, if so. */
  #refusal({ words, isCommand }: Filling): string | undefined {
    const frame = this.#frame;
    if (this.#lost !== undefined) return this.#lost;
    const value = words.join(" ");
    if (value.includes("\0") || !value.isWellFormed()) {
      return "it holds what no program can be given";
    }
    if (frame.kind === "comment") {
      const line = this.#text.slice(this.#text.lastIndexOf("\n", this.#at) + 1, this.#at);
      return /^#(?:!|PBS|BSUB)/.test(line) ? `it stands on a ${line.slice(0, 5)} line` : undefined;
    }
    if (frame.kind === "sbatch") {
      return /\p{Cc}/u.test(value) ? "it holds control characters, on an #SBATCH line" : undefined;
    }
    const outer = this.#frames.slice(0, -1);
    const isLeaf = ["code", "single", "double", "ansi"].includes(frame.kind);
    if (!isLeaf) return `it stands in ${NAMES[frame.kind]}`;
    const inner = outer.findLast(({ kind }) => kind !== "code");
    if (inner !== undefined) return `it stands in ${NAMES.code}`;
    // Bash 5.2 writes such an array anew before it reads it, and gets quotes in it wrong.
    const codes = this.#frames.filter((frame) => frame.kind === "code");
    if (codes.length > 2 && codes.some(({ isArray }) => isArray)) {
      return "it stands in an array and $(...) at once";
    }
    if (isCommand && frame.kind !== "code") return "a command of several words stands in quotes";
    if (this.#afterDollar && frame.kind === "code") return "it comes after a $";
    if (frame.kind === "ansi" && /\\[^\\']{0,8}$/.test(this.#text.slice(0, this.#at))) {
      return "it comes after a backslash";
    }
    const word = this.#text.slice(this.#word, this.#at);
    if (/^[A-Za-z_]\w*\[[^\]]*$/.test(word)) {
      return "it stands in an array's index, which bash evaluates";
    }
    const command = this.#text.slice(this.#command, this.#at);
    const again = REPARSED.exec(command);
    if (again !== null) return `${again[0].trim()} would read it as code once more`;
    const naming = NAMING.exec(command);
    if (naming !== null && !word.includes("=")) return `${naming[0].trim()} takes it for a name`;
    const newline = this.#text.indexOf("\n", this.#at);
    const line = this.#text.slice(this.#command, newline < 0 ? undefined : newline);
    const numeric = NUMERIC_TEST.exec(line);
    return numeric === null ? undefined : `${numeric[0].trim()} would evaluate it`;
  }

  #inContext({ words, isCommand }: Filling): string {
    const frame = this.#frame;
    const quoted = words.map(quoteForShell).join(" ");
    const value = isCommand ? quoted : words.join(" ");
    switch (frame.kind) {
      case "comment":
        return value.replace(/\p{Cc}/gu, " ");
      case "sbatch":
        if (frame.quote === "") return quoteForSbatch(value);
        return value.replace(frame.quote === '"' ? /["\\]/g : /['\\]/g, "\\$&");
      case "single":
        return outsideQuotes(value, "'", (text) => text.replaceAll("'", `'\\''`));
      case "double": {
        // What comes before may be a $, or a variable's name that the value would lengthen.
        const before = this.#text.slice(0, this.#at);
        const gap = /\$\w*$/.test(before) ? '""' : "";
        return gap + outsideQuotes(value, '"', (text) => text.replace(/[\\"$`]/g, "\\$&"));
      }
      case "ansi":
        return escapeAnsi(value);
      default:
        return quoted;
    }
  }
}

/** Text inside quotes, whose control characters are put between the quotes' end and their beginning anew. */
function outsideQuotes(text: string, quote: string, escape: (text: string) => string): string {
  return text.split(/(\p{Cc}+)/u)
    .map((part, i) => i % 2 === 0 ? escape(part) : `${quote}$'${escapeAnsi(part)}'${quote}`)
    .join("");
}
