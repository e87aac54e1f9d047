/**
 * What every transport has to do, as tests that run over each of them.
 *
 * @module
 */
import assert from "node:assert";
import { temporaryFolder } from "../../tests/surroundings.ts";
import { ClusterError, ConnectionError, SirenError } from "../../core/errors.ts";
import type { Transport } from "./transport.ts";

/** Text that a shell would take apart, or take for something else. */
const HOSTILE = [
  "",
  "two words",
  "'",
  `"`,
  'it\'s "quoted"',
  "$(touch pwned)",
  "`id`",
  "$HOME",
  "a\nb",
  "a\\",
  "*",
  "~",
  "-n",
  "; exit 1",
  "&& x || y | z > w",
  "ångström Å ∆",
  "\t",
  "!!",
  "#",
  "%s",
];

/** File names that are allowed and hostile. */
const NAMES = ["plain.txt", "two words", "it's", `"`, "$(id)", "a\nb", "*", "-rf", "Å", "#a;b&c"];

/**
 * Registers the tests for one transport.
 *
 * @param name Which transport, as the tests call it.
 * @param make Makes it; the test closes it.
 * @param folder A folder on its machine in which the test may make one of its own.
 */
export function checkTransport(
  name: string,
  make: () => Promise<Transport>,
  folder: string,
): void {
  Deno.test(`${name} does what a transport must`, async (t) => {
    const transport = await make();
    try {
      await transportSteps(t, transport, folder);
    } finally {
      transport.close();
    }
  });
}

/** The steps of {@linkcode checkTransport}, for tests that have to start something first. */
export async function transportSteps(
  t: Deno.TestContext,
  transport: Transport,
  folder: string,
): Promise<void> {
  const top = `${folder}/siren transport ${crypto.randomUUID()}`;
  await transport.makeFolder(top);
  try {
    await programs(t, transport);
    await files(t, transport, top);
    await uploads(t, transport, top);
  } finally {
    await transport.remove(top);
  }
  await t.step("what was removed is gone", async () => {
    assert.strictEqual(await transport.list(top), undefined);
  });
}

async function programs(t: Deno.TestContext, transport: Transport): Promise<void> {
  await t.step("arguments reach a program as they are", async () => {
    const answer = await transport.exec(["printf", "<%s>\\n", ...HOSTILE]);
    assert.deepStrictEqual(answer, {
      code: 0,
      stdout: HOSTILE.map((word) => `<${word}>\n`).join(""),
      stderr: "",
    });
  });

  await t.step("output, errors and exit code are told apart", async () => {
    const answer = await transport.exec(["sh", "-c", "echo out; echo err >&2; exit 3"]);
    assert.deepStrictEqual(answer, { code: 3, stdout: "out\n", stderr: "err\n" });
  });

  await t.step("a program that a signal ended has 128 + the signal's number", async () => {
    assert.strictEqual((await transport.exec(["sh", "-c", "kill -9 $$"])).code, 137);
    assert.strictEqual((await transport.exec(["sh", "-c", "kill -15 $$"])).code, 143);
  });

  await t.step("a program that is not there has code 127", async () => {
    for (const program of ["siren-no-such-program", "/no/such/folder/program", "no such; true"]) {
      assert.strictEqual((await transport.exec([program, "x"])).code, 127);
    }
  });

  await t.step("the environment is added to, value by value as it is", async () => {
    const environment = Object.fromEntries(HOSTILE.map((value, i) => [`SIREN_TEST_${i}`, value]));
    const script = HOSTILE.map((_, i) => `printf '<%s>\\n' "$SIREN_TEST_${i}"`).join("\n");
    const answer = await transport.exec(["sh", "-c", `${script}\ntest -n "$PATH"`], {
      environment,
    });
    assert.deepStrictEqual(answer, {
      code: 0,
      stdout: HOSTILE.map((value) => `<${value}>\n`).join(""),
      stderr: "",
    });
    const after = await transport.exec(["sh", "-c", 'printf %s "${SIREN_TEST_1-unset}"']);
    assert.strictEqual(after.stdout, "unset", "it is that program's alone");
  });

  await t.step("long output comes whole", async () => {
    const script = "yes line | head -n 600000; yes error | head -n 50000 >&2";
    const answer = await transport.exec(["sh", "-c", script]);
    assert.strictEqual(answer.stdout, "line\n".repeat(600_000));
    assert.strictEqual(answer.stderr, "error\n".repeat(50_000));
  });

  await t.step("output that is not text does no harm", async () => {
    const answer = await transport.exec(["printf", "a\\377b\\000c"]);
    assert.deepStrictEqual(answer, { code: 0, stdout: "a\ufffdb\0c", stderr: "" });
  });

  await t.step("a program has nothing to read", async () => {
    assert.deepStrictEqual(await transport.exec(["cat"]), { code: 0, stdout: "", stderr: "" });
  });

  await t.step(
    "an answer that does not come in time is an error, and the next one comes",
    async () => {
      const late = transport.exec(["sh", "-c", "sleep 20 & sleep 20"], { seconds: 0.3 });
      await assert.rejects(late, (error) => {
        assert.ok(error instanceof ConnectionError);
        assert.match(error.message, /^Cannot run sh on .+: there was no answer within 0\.3 s$/);
        return true;
      });
      assert.strictEqual((await transport.exec(["echo", "here"])).stdout, "here\n");
    },
  );

  await t.step("many programs at one time each get their own answer", async () => {
    const numbers = Array.from({ length: 25 }, (_, i) => i);
    const answers = await Promise.all(
      numbers.map((i) => transport.exec(["sh", "-c", `echo ${i}; exit ${i}`])),
    );
    assert.deepStrictEqual(
      answers,
      numbers.map((i) => ({ code: i, stdout: `${i}\n`, stderr: "" })),
    );
  });

  await t.step("home is a folder", async () => {
    const home = await transport.home();
    assert.match(home, /^\//);
    assert.notStrictEqual(await transport.list(home), undefined);
  });
}

async function files(t: Deno.TestContext, transport: Transport, top: string): Promise<void> {
  const folder = `${top}/files`;
  const mode = async (path: string) =>
    (await transport.exec(["stat", "-c", "%a", path])).stdout.trim();

  await t.step("a folder is made with those above it, again too, and listed", async () => {
    assert.strictEqual(await transport.list(`${folder}/a`), undefined);
    await transport.makeFolder(`${folder}/a/b`);
    await transport.makeFolder(`${folder}/a/b`);
    assert.deepStrictEqual(await transport.list(`${folder}/a`), [
      { name: "b", bytes: 0, isFolder: true },
    ]);
    assert.deepStrictEqual(await transport.list(`${folder}/a/b`), []);
  });

  await t.step(
    "a file is written and read, over one that was there, with nothing beside it",
    async () => {
      const path = `${folder}/a.bin`;
      const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7);
      await transport.write(path, bytes);
      assert.deepStrictEqual(await transport.read(path), bytes);
      assert.strictEqual(await mode(path), "644");
      await transport.write(path, "Å", 0o600);
      assert.deepStrictEqual(await transport.read(path), Uint8Array.of(0xc3, 0x85));
      assert.strictEqual(await mode(path), "600");
      await transport.write(path, "", 0o755);
      assert.deepStrictEqual(await transport.read(path), new Uint8Array(0));
      assert.strictEqual(await mode(path), "755");
      assert.deepStrictEqual(
        (await transport.list(folder))?.sort((a, b) => a.name.localeCompare(b.name)),
        [{ name: "a", bytes: 0, isFolder: true }, { name: "a.bin", bytes: 0, isFolder: false }],
      );
    },
  );

  await t.step("writers of one name at one time do not mix their bytes", async () => {
    const texts = ["a", "b", "c"].map((letter) => letter.repeat(50_000));
    await Promise.all(texts.map((text) => transport.write(`${folder}/raced`, text)));
    assert.ok(texts.includes(new TextDecoder().decode(await transport.read(`${folder}/raced`))));
  });

  await t.step("names are data", async () => {
    const names = `${folder}/names`;
    await transport.makeFolder(names);
    for (const name of NAMES) {
      await transport.write(`${names}/${name}`, name);
      await transport.makeFolder(`${names}/${name} folder`);
    }
    const listed = (await transport.list(names))?.map(({ name }) => name).sort();
    assert.deepStrictEqual(listed, NAMES.flatMap((name) => [name, `${name} folder`]).sort());
    for (const name of NAMES) {
      assert.strictEqual(await transport.tail(`${names}/${name}`, 100), name);
      await transport.remove(`${names}/${name}`);
      assert.strictEqual(await transport.read(`${names}/${name}`), undefined);
    }
    assert.strictEqual((await transport.list(names))?.length, NAMES.length);
  });

  await t.step("a file larger than what is taken is refused", async () => {
    for (const bytes of [11, 300_000]) {
      const path = `${folder}/large`;
      await transport.write(path, "x".repeat(bytes));
      assert.strictEqual((await transport.read(path, bytes))?.length, bytes);
      await assert.rejects(transport.read(path, bytes - 1), {
        name: "ClusterError",
        message: `Cannot read ${path} on ${transport.where}: it is too large (${bytes} bytes; ` +
          `at most ${bytes - 1} are taken)`,
      });
    }
    await transport.remove(`${folder}/large`);
  });

  await t.step("no path is removed that could take more than siren made", async () => {
    // None of them is there, so that a transport without the guard does no harm.
    const none = crypto.randomUUID();
    for (const path of [`/${none}`, none, `${folder}/${none}/..`, `${folder}/../${none}`]) {
      await assert.rejects(transport.remove(path), ClusterError, path);
    }
  });

  await t.step("what is not there is undefined", async () => {
    await transport.write(`${folder}/file`, "x");
    for (const path of ["none", "none/below", "file/below"]) {
      assert.strictEqual(await transport.read(`${folder}/${path}`), undefined);
      assert.strictEqual(await transport.tail(`${folder}/${path}`, 10), undefined);
      assert.strictEqual(await transport.list(`${folder}/${path}`), undefined);
      await transport.remove(`${folder}/${path}`);
    }
    assert.deepStrictEqual(await transport.read(`${folder}/file`), Uint8Array.of(0x78));
  });

  await t.step("the end of a file is had without the rest", async () => {
    const path = `${folder}/log`;
    await transport.write(path, "first\n".repeat(20_000) + "last Å\n");
    assert.strictEqual(await transport.tail(path, 8), "last Å\n");
    assert.strictEqual(await transport.tail(path, 14), "first\nlast Å\n");
    assert.strictEqual((await transport.tail(path, 1_000_000))?.length, 120_007);
    assert.strictEqual(await transport.tail(path, 2), "\ufffd\n", "a letter cut in two");
    assert.strictEqual(await transport.tail(path, 0), "");
  });

  await t.step("a write that fails says why and leaves nothing", async () => {
    await transport.makeFolder(`${folder}/taken/inside`);
    const before = await transport.list(folder);
    await assert.rejects(transport.write(`${folder}/taken`, "x"), SirenError);
    assert.deepStrictEqual(await transport.list(folder), before);
    await assert.rejects(transport.write(`${folder}/none/a`, "x"), SirenError);
    await assert.rejects(transport.makeFolder(`${folder}/file/b`), SirenError);
  });

  await t.step("a link is removed, not what it points to", async () => {
    await transport.makeFolder(`${folder}/kept`);
    await transport.write(`${folder}/kept/a`, "x");
    await transport.makeFolder(`${folder}/gone`);
    await transport.exec(["ln", "-s", `${folder}/kept`, `${folder}/gone/link`]);
    await transport.remove(`${folder}/gone`);
    assert.strictEqual(await transport.list(`${folder}/gone`), undefined);
    assert.deepStrictEqual(await transport.read(`${folder}/kept/a`), Uint8Array.of(0x78));
  });
}

async function uploads(t: Deno.TestContext, transport: Transport, top: string): Promise<void> {
  await using here = await temporaryFolder();
  const folder = `${top}/uploads`;
  await transport.makeFolder(folder);
  // Three million bytes without a period, so that a part sent twice or left out is noticed.
  let state = 1;
  const content = new Uint8Array(3_000_000).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });

  await t.step("a file is brought there whole, over one that was there", async () => {
    await Deno.writeFile(`${here.path}/a b.bin`, content);
    for (let turn = 0; turn < 2; turn++) {
      const told: [number, number][] = [];
      await transport.upload(`${here.path}/a b.bin`, `${folder}/a b.bin`, {
        mode: turn === 0 ? 0o755 : 0o600,
        tell: (done, total) => void told.push([done, total]),
      });
      assert.deepStrictEqual(await transport.read(`${folder}/a b.bin`), content);
      const { stdout } = await transport.exec(["stat", "-c", "%a", `${folder}/a b.bin`]);
      assert.strictEqual(stdout, turn === 0 ? "755\n" : "600\n");
      assert.deepStrictEqual(told.at(-1), [content.length, content.length]);
      assert.ok(told.every(([done, total]) => done <= total && total === content.length));
      assert.ok(told.every(([done], i) => i === 0 || done >= told[i - 1]![0]));
      await transport.write(`${folder}/a b.bin`, "something else");
    }
    const names = (await transport.list(folder))?.map(({ name }) => name);
    assert.deepStrictEqual(names, ["a b.bin"]);
  });

  await t.step("an empty file is brought there too", async () => {
    await Deno.writeFile(`${here.path}/empty`, new Uint8Array(0));
    await transport.upload(`${here.path}/empty`, `${folder}/empty`);
    assert.deepStrictEqual(await transport.read(`${folder}/empty`), new Uint8Array(0));
  });

  await t.step("a file that is not here cannot be brought there", async () => {
    const before = await transport.list(folder);
    await assert.rejects(transport.upload(`${here.path}/none`, `${folder}/none`), {
      name: "InputError",
      message: `Cannot read ${here.path}/none: there is no such file or folder`,
    });
    assert.deepStrictEqual(await transport.list(folder), before);
  });
}
