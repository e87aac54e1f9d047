import assert from "node:assert";
import { temporaryFolder } from "../../tests/surroundings.ts";
import { judgeAnswer, type NodeAnswer, parseAnswer, PROBE, PROBE_FILES } from "./probe.ts";

/** Runs the job's program as a job would. */
async function runProbe(folder: string, start: string[], rest: string[], gpus?: string) {
  await Deno.writeTextFile(`${folder}/${PROBE_FILES.program}`, PROBE);
  await Deno.writeTextFile(`${folder}/${PROBE_FILES.question}`, "why?");
  const { code, stderr } = await new Deno.Command("/bin/sh", {
    args: [`${folder}/${PROBE_FILES.program}`, String(start.length), ...start, ...rest],
    env: gpus === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpus },
  }).output();
  assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
  const answer = parseAnswer(await Deno.readTextFile(`${folder}/${PROBE_FILES.answer}`));
  assert.ok(answer !== undefined);
  return answer;
}

Deno.test({
  name: "the job starts siren by exactly its words, whatever they hold, and says what it saw",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using folder = await temporaryFolder();
    const own = `${folder.path}/it's a "folder"; $(id)`;
    await Deno.mkdir(own);
    const program = `${folder.path}/my siren`;
    await Deno.writeTextFile(program, `#!/bin/sh\nprintf '<%s>\\n' "$@"`, { mode: 0o755 });
    const words = ["a b", "$(touch pwned)", "", "it's", "*", "-n"];
    const answer = await runProbe(own, [program, ...words], ["worker", "--first", "0"], "0,1");
    assert.strictEqual(answer.siren, [...words, "--version"].map((word) => `<${word}>`).join(" "));
    assert.strictEqual(answer.code, "0");
    assert.strictEqual(answer.question, "why?");
    assert.strictEqual(answer.granted, "0,1");
    assert.strictEqual(answer.host, Deno.hostname());
    assert.deepStrictEqual(
      [...Deno.readDirSync(own)].map(({ name }) => name).sort(),
      Object.values(PROBE_FILES).sort(),
    );

    const failing = await runProbe(own, ["/bin/sh", "-c", "echo no >&2; exit 3"], []);
    assert.deepStrictEqual([failing.code, failing.siren], ["3", "no"]);
    const absent = await runProbe(own, ["/no/such/deno"], ["worker"]);
    assert.strictEqual(absent.code, "127");
  },
});

const answer: NodeAnswer = {
  host: "n1",
  glibc: "glibc 2.36",
  question: "why?",
  code: "0",
  siren: "0.1.0",
  granted: "",
  devices: "",
  gpus: "",
};
const profile = { file: "clusters.toml", grace: 60 };

Deno.test("a good answer is good, and late files ask for more grace", () => {
  const judged = (lag: number) => judgeAnswer(answer, "why?", lag, profile);
  assert.deepStrictEqual(judged(0), {
    disk: { finding: "the node's file was seen at once" },
    siren: { finding: "0.1.0, glibc 2.36" },
    gpu: undefined,
  });
  assert.strictEqual(judged(30).disk.remedy, undefined);
  assert.match(judged(31).disk.finding, /31 s after/);
  assert.match(judged(31).disk.remedy ?? "", /Raise grace in clusters\.toml: it is 60 s/);
});

Deno.test("a node that reads something else, or cannot start siren, lacks something", () => {
  assert.strictEqual(judgeAnswer(answer, "what?", 0, profile).disk.state, "missing");
  const old = {
    ...answer,
    code: "1",
    siren: "version `GLIBC_2.27' not found",
    glibc: "glibc 2.17",
  };
  const { siren } = judgeAnswer(old, "why?", 0, profile);
  assert.strictEqual(siren.state, "missing");
  assert.match(siren.finding, /exit code 1; glibc 2\.17\): version `GLIBC/);
});

Deno.test("a GPU that was asked for is there, or tasks are slow", () => {
  const judged = (changes: Partial<NodeAnswer>) =>
    judgeAnswer({ ...answer, ...changes }, "why?", 0, { ...profile, gres: "gpu:a100:2" }).gpu;
  assert.match(judged({})?.finding ?? "", /2 asked for, none granted/);
  assert.strictEqual(judged({ granted: "NoDevFiles" })?.state, "slow");
  assert.match(judged({ granted: "0,1" })?.finding ?? "", /granted \(0,1\), but .* no NVIDIA/);
  const card = { granted: "0", devices: "/dev/nvidia0" };
  assert.deepStrictEqual(judged(card), { finding: "granted (0): /dev/nvidia0" });
  const named = judged({ ...card, gpus: "GPU 0: NVIDIA A100" });
  assert.deepStrictEqual(named, { finding: "granted (0): GPU 0: NVIDIA A100" });
});

Deno.test("anything else than an answer is none", () => {
  for (const text of ["", "=", "host=n1\nglibc=x\n", "\0\n\n"]) {
    assert.strictEqual(parseAnswer(text), undefined, text);
  }
  const text = Object.entries(answer).map(([name, value]) => `${name}=${value}\n`).join("");
  assert.deepStrictEqual(parseAnswer(`noise\n${text}more=1\n`), answer);
});
