import assert from "node:assert";
import fc from "fast-check";
import { type Filling, fillShell, quoteForSbatch } from "./shell_context.ts";

const MARK = "\ue000";
const PLACE = `${MARK}0${MARK}`;

const word = (value: string): Filling => ({ variable: "v", words: [value], isCommand: false });
const fill = (text: string, value: string) =>
  fillShell(text.replaceAll("{{v}}", PLACE), MARK, [word(value)]);

/** Why a value is refused, or undefined. */
const reason = (text: string, value = "a b"): string | undefined =>
  fill(text, value).misfits[0]?.reason;

/** Runs a script with bash in an empty folder. */
async function bash(script: string, locale: string): Promise<{ out: string; files: string[] }> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/script`;
    await Deno.mkdir(`${folder}/empty`);
    await Deno.writeTextFile(file, script);
    const { stdout } = await new Deno.Command("timeout", {
      args: ["10", "bash", file],
      cwd: `${folder}/empty`,
      env: { LC_ALL: locale },
      stdin: "null",
      stderr: "null",
    }).output();
    const files = Array.from(Deno.readDirSync(`${folder}/empty`), ({ name }) => name);
    return { out: new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout), files };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Values made of what shells give a meaning; never plain, since they hold a space or a control character. */
const hostile = fc.tuple(
  fc.array(
    fc.oneof(
      fc.constantFrom(
        "$(touch X)",
        "`touch X`",
        "'",
        '"',
        "\\",
        "\n",
        "\r",
        "\t",
        "!",
        "*",
        "?",
        "~",
        "$",
        "#",
        ";",
        "&",
        "|",
        ">X",
        "<",
        "(",
        ")",
        "{a,b}",
        "[",
        "]",
        "-n",
        "%s",
        "\\x41",
        "EOF\n",
        "a",
        "é",
        "\u0085",
        "\u2028",
        "\ud83d\ude00",
        "\ue000",
        "\x01",
        "\x7f",
        "$x",
        "${x}",
        "$((1))",
        "'\ntouch X\n'",
        "\\n",
      ),
      fc.string({ unit: "binary", maxLength: 3 }).filter((text) => !text.includes("\0")),
    ),
    { maxLength: 8 },
  ),
  fc.constantFrom(" ", "\n", " $(touch X) ", "\ntouch X\n", "' touch X '", '" touch X "'),
  fc.string({ maxLength: 2 }).filter((text) => !text.includes("\0")),
).map(([parts, middle, end]) => parts.join("") + middle + end);

/** A value that needs no quotes: it shows what a script prints around a value. */
const plain = "%Q7Q%";

/** Every context in which a value has a place, each printing one text. */
const CONTEXTS = await Deno.readTextFile(new URL("./testdata/contexts.sh", import.meta.url));

Deno.test("in every context that takes one, a hostile value is printed as it is and runs nothing", async () => {
  const expected = (await bash(CONTEXTS.replaceAll("{{v}}", plain), "C")).out;
  assert.strictEqual(expected.split(plain).length - 1, 33);
  await fc.assert(
    fc.asyncProperty(hostile, fc.constantFrom("C", "C.UTF-8"), async (value, locale) => {
      const { script, misfits, endsInCode } = fill(CONTEXTS, value);
      assert.deepStrictEqual(misfits, []);
      assert.ok(endsInCode);
      const { out, files } = await bash(script, locale);
      assert.strictEqual(out, expected.replaceAll(plain, () => value));
      assert.deepStrictEqual(files, []);
    }),
    { numRuns: 60 },
  );
});

/** Scripts of all sorts of quotes and substitutions in one another, with values anywhere in them. */
const { script: anyScript } = fc.letrec<Record<"script" | "command" | "word" | "quoted", string>>((
  tie,
) => ({
  script: fc.array(tie("command"), { minLength: 1, maxLength: 4, depthIdentifier: "d" })
    .map((commands) => commands.join("")),
  command: fc.oneof(
    { depthIdentifier: "d", maxDepth: 4 },
    tie("word").map((word) => `f ${word}\n`),
    fc.tuple(tie("word"), tie("word")).map(([a, b]) => `f ${a} ${b} # it's {{v}} "\n`),
    fc.tuple(tie("word"), tie("word")).map(([a, b]) => `a=${a}; f "$a" ; f ${b}\n`),
    fc.tuple(tie("command"), tie("command")).map(([a, b]) => `if true; then ${a}fi && (${b})\n`),
    fc.tuple(tie("word"), tie("word"), tie("command")).map(([a, b, c]) =>
      `case ${a} in (${b}) f 1;; *) ${c};; esac\n`
    ),
    fc.tuple(tie("word"), tie("quoted"), tie("command")).map(([a, b, c]) =>
      `cat <<E; f ${a}\n${b}'\nE\n${c}`
    ),
    fc.tuple(tie("word"), tie("quoted")).map(([a, b]) => `cat <<-'E'; f ${a}\n\t\`${b}\n\tE\n`),
    fc.tuple(tie("word"), tie("word")).map(([a, b]) =>
      `[[ ${a} == ${b} ]] && f 1 || f \\\n ${a}\n`
    ),
    fc.tuple(tie("word"), tie("word")).map(([a, b]) => `for i in ${a} ${b}; do f "$i"; done\n`),
    fc.tuple(tie("word"), tie("word")).map(([a, b]) =>
      `((1 << 1 < 3)) && f ${a}#${b} $((1 + (2)))\n`
    ),
    tie("word").map((word) => `x=(a ${word}) ; f "\${x[1]}" "\${#x[@]}" ; cat <<<${word}\n`),
    tie("word").map((word) => `g() { f ${word}; } ; g | { cat; }\n`),
  ),
  word: fc.array(
    fc.oneof(
      { depthIdentifier: "d", maxDepth: 4 },
      fc.constantFrom("{{v}}", "a", "'x{{v}}'", "\\;", "\\\\", "$'\\'{{v}}'", "$#", "$"),
      fc.constantFrom("{{v}}", "{{v}}", "'\"'", "'$('", "\\{{v}}", "b#", "${#x}", "$'\\t'"),
      tie("quoted").map((quoted) => `"${quoted}"`),
      tie("command").map((command) => `$(${command})`),
      tie("word").map((word) => `\${b:-${word}}`),
      tie("word").map((word) => `\`f ${word}\``),
    ),
    { minLength: 1, maxLength: 4, depthIdentifier: "d" },
  ).map((parts) => parts.join("")),
  quoted: fc.array(
    fc.oneof(
      { depthIdentifier: "d", maxDepth: 4 },
      fc.constantFrom("{{v}}", " a ", "it's", '\\"', "\\\\", "$", "${#x}", "#", "("),
      fc.constantFrom("{{v}}", "{{v}}", ")", "\\$", "'{{v}}'", "<<E", "$'", "\n", "\\{{v}}"),
      tie("command").map((command) => `$(${command})`),
      tie("word").map((word) => `\${b:-${word}}`),
      tie("word").map((word) => `\`f ${word}\``),
    ),
    { maxLength: 4, depthIdentifier: "d" },
  ).map((parts) => parts.join("")),
}));

/** Pieces that break a script. */
const anyPiece = fc.constantFrom(
  ..."' \" \\ $ $' ( ) (( )) $(( ` # { } << <<E $[ ;; esac fi ] = \t \n".split(" "),
);

Deno.test("wherever a value falls in a script, it is refused or stays what it is", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyScript, { minLength: 1, maxLength: 2 }),
      fc.array(fc.tuple(anyPiece, fc.nat()), { maxLength: 1 }),
      fc.constantFrom(
        "'\ntouch X\n'",
        '"; touch X; "',
        "$(touch X)`touch X` ",
        "a\n)touch X;",
        " }; touch X #",
      ),
      async (scripts, pieces, value) => {
        let body = scripts.join("");
        for (const [piece, place] of pieces) {
          const at = place % body.length;
          body = body.slice(0, at) + piece + body.slice(at);
        }
        body = body.replaceAll(/\$(?=\$|\{\$)/g, "%"); // a process's number is another each time
        const script = `exec 2>/dev/null; set -f; IFS=; f() { printf '%s\\n' "$@"; }\n${body}`;
        const filled = fill(script, value);
        if (filled.misfits.length > 0) return;
        const plain = `%${"Q".repeat(value.length - 2)}%`; // as long, for ${#x}
        const expected = await bash(script.replaceAll("{{v}}", plain), "C");
        const { out, files } = await bash(filled.script, "C");
        assert.deepStrictEqual(files, []);
        assert.strictEqual(out, expected.out.replaceAll(plain, () => value));
      },
    ),
    // Many more at random: deno test -A cluster/slurm/shell_context_test.ts -- 10000
    Deno.args[0] === undefined ? { numRuns: 200, seed: 1 } : { numRuns: Number(Deno.args[0]) },
  );
});

Deno.test("a value is refused where its quotes would be undone, with the reason", () => {
  const cases: [string, RegExp][] = [
    ["cat <<E\n{{v}}\nE\n", /here-document/],
    ["cat <<E; cat <<'F'\nE\n{{v}}\nF\n", /here-document/],
    ["cat <<-E\n\tE\ncat <<E\n\tE\n{{v}}\nE", /here-document/],
    ["a=`f {{v}}`", /backticks/],
    ['a="$(f {{v}})"', /command substitution inside quotes/],
    ['a="$(f "{{v}}")"', /command substitution inside quotes/],
    ["a=${b:-{{v}}}", /\$\{\.\.\.\}/],
    ["((a = {{v}}))", /arithmetic/],
    ["a=$((1 + {{v}}))", /arithmetic/],
    ["a=\\{{v}}", /backslash/],
    ['a="\\{{v}}"', /backslash/],
    ["a=$'\\x4{{v}}'", /backslash/],
    ["a=${{v}}", /comes after a \$/],
    ["a[{{v}}]=1", /array's index/],
    ['a["{{v}}"]=1', /array's index/],
    ["eval echo {{v}}", /eval would read it/],
    ["x=1 eval \\\n '{{v}}'", /eval would read it/],
    ['ssh $(hostname) "cd {{v}}"', /ssh would read it/],
    ['srun bash -lc "cd {{v}}"', /bash -lc would read it/],
    ["/bin/sh -e -c {{v}} 2>&1", /would read it/],
    ["f 2>&1 | eval {{v}}", /eval would read it/],
    ["eval f 2>&1 {{v}}", /eval would read it/],
    ["trap 'rm {{v}}' EXIT", /trap would read it/],
    ["declare -i a={{v}}", /declare -i would read it/],
    ["unset {{v}}", /unset takes it for a name/],
    ["export {{v}}=1", /export takes it for a name/],
    ["[[ {{v}} -eq 1 ]]", /-eq would evaluate it/],
    ["test -v {{v}}", /would read it/],
    ["#!/bin/bash {{v}}", /#!/],
    ["\n#PBS -N {{v}}", /#PBS/],
    ['a="$(case a in a) b;; esac)" {{v}}', /cannot be followed from its line 1 on, where a case/],
    ['\na="${b:-it\'s}" {{v}}', /cannot be followed from its line 2 on/],
    ["a=$[1<<2]\n{{v}}", /cannot be followed/],
    ["a=$(case a in a) b;; esac)#{{v}}", /cannot be followed/],
    ["x=(a ;; ')\nf '{{v}}'", /cannot be followed from its line 1 on, where ; stands in an array/],
    ["a=$(x=(a {{v}}))", /in an array and/],
    ["x=(a $(f {{v}}))", /in an array and/],
    ["cat <<E\n\\\nE\n'\nE\nf '{{v}}", /where a here-document's line ends in a backslash/],
    ["cat <<E; f 'a\nb' {{v}}\nE\n", /announced by a command of several lines/],
    ["cat <<E; f $(g\n) {{v}}\nE\n", /announced by a command of several lines/],
    ["((f) && (g)) {{v}}", /cannot be followed/],
    ["cat <<$a\n{{v}}\n", /cannot be followed/],
  ];
  for (const [text, pattern] of cases) assert.match(reason(text) ?? "taken", pattern, text);
});

Deno.test("a value that no program can be given is refused even in a comment", () => {
  for (const value of ["a\0b", "a \ud800"]) {
    for (const text of ["# {{v}}", "f {{v}}", "#SBATCH -x {{v}}"]) {
      assert.match(reason(text, value) ?? "taken", /no program/, text);
    }
  }
});

Deno.test("control characters leave comments and are refused on #SBATCH lines", () => {
  assert.strictEqual(fill("f # {{v}}\n", "a\ntouch X\r\x1b[0m").script, "f # a touch X  [0m\n");
  assert.match(reason("#SBATCH -x {{v}}", "a\nb") ?? "taken", /control characters/);
  assert.strictEqual(reason(" #SBATCH -x {{v}}", "a\nb"), undefined);
});

Deno.test("no control character of a value is in the script as it is", () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const { script } = fill("f {{v}} \"{{v}}\" '{{v}}' $'{{v}}' # {{v}}", value);
      assert.doesNotMatch(script, /\p{Cc}/u);
    }),
  );
});

/** How Slurm 22.05 takes the words of an #SBATCH line, as seen by giving it such lines. */
function slurmWords(line: string): string[] {
  const words: string[] = [];
  let [word, quote, i] = ["", "", 0];
  for (; i < line.length; i++) {
    const character = line[i] ?? "";
    if (character === "\\") word += line[++i] ?? "";
    else if (quote !== "" && character === quote) quote = "";
    else if (quote === "" && /['"]/.test(character)) quote = character;
    else if (quote === "" && character === "#") break;
    else if (quote === "" && /\s/.test(character)) {
      words.push(word);
      word = "";
    } else word += character;
  }
  assert.strictEqual(quote, "");
  return [...words, word];
}

Deno.test("on an #SBATCH line a value is one word to Slurm", () => {
  const printable = hostile.map((value) => value.replace(/\p{Cc}/gu, "c"));
  fc.assert(
    fc.property(printable, (value) => {
      assert.deepStrictEqual(slurmWords(quoteForSbatch(value)), [value]);
      const { script, misfits } = fill(
        `#SBATCH -a={{v}} -b="x {{v}}" -c='{{v}}' # {{v}}\n#SBATCH -d \\" {{v}}`,
        value,
      );
      assert.deepStrictEqual(misfits, []);
      const [first, second] = script.split("\n#SBATCH ");
      const words = slurmWords((first ?? "").replace("#SBATCH ", ""));
      assert.deepStrictEqual(words, [`-a=${value}`, `-b=x ${value}`, `-c=${value}`, ""]);
      assert.deepStrictEqual(slurmWords(second ?? ""), ["-d", '"', value]);
    }),
  );
  assert.match(reason("#SBATCH -a \\{{v}}") ?? "taken", /backslash/);
});

Deno.test("a command keeps its words, and is refused inside quotes", () => {
  const command: Filling = {
    variable: "run_cmd",
    words: ["my deno", "run", "a\nb"],
    isCommand: true,
  };
  assert.strictEqual(
    fillShell(`srun ${PLACE} # ${PLACE}`, MARK, [command]).script,
    "srun 'my deno' run $'a\\x0ab' # 'my deno' run $'a\\x0ab'",
  );
  for (const text of [`f "${PLACE}"`, `f '${PLACE}'`, `f $'${PLACE}'`]) {
    assert.match(fillShell(text, MARK, [command]).misfits[0]?.reason ?? "taken", /in quotes/);
  }
});

Deno.test("a placeholder that was taken apart is refused", () => {
  for (const text of [MARK, `${MARK}0`, `${MARK}1${MARK}`, `${MARK}x${MARK}`]) {
    assert.strictEqual(fillShell(text, MARK, [word("a b")]).misfits.length, 1);
  }
});

Deno.test("endsInCode tells whether the script's end is plain code", () => {
  const cases: [string, boolean][] = [
    ["f\n", true],
    ["f # it's\n", true],
    ["cat <<E\nit's\nE\n", true],
    ["cat <<E\n", false],
    ["f 'a\n", false],
    ["f $(\n", false],
    ["a=$[1]\n", false],
  ];
  for (const [text, is] of cases) {
    assert.strictEqual(fillShell(text, MARK, []).endsInCode, is, text);
  }
});
