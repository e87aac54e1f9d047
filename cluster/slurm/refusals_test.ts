import assert from "node:assert";
import fc from "fast-check";
import { classify, type RefusalKind } from "./refusals.ts";

/** Commands with what they printed and their exit codes, as recorded. */
async function recorded(name: string): Promise<{ command: string; said: string; code: number }[]> {
  const text = await Deno.readTextFile(new URL(`testdata/${name}.txt`, import.meta.url));
  return [...text.matchAll(/^## (.+)\n([^]*?)## code (\d+)\n/gm)].map((
    [, command, said, code],
  ) => ({
    command: command ?? "",
    said: said ?? "",
    code: Number(code),
  }));
}

Deno.test("what a real Slurm refused is understood", async () => {
  const expected: Record<string, [RefusalKind, string]> = {
    "--partition=nope": [
      "partition",
      "invalid partition specified: nope; Invalid partition name specified",
    ],
    "--account=nobody": [
      "account",
      "Invalid account or account/partition combination specified",
    ],
    "--qos=nope": ["qos", "Invalid qos specification"],
    "--array=0-2000": ["array", "Invalid job array specification"],
    "--array=abc": ["array", "Invalid job array specification"],
    "--qos=tight": [
      "submit-limit",
      "QOSMaxSubmitJobPerUserLimit; Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    ],
    "--array=0-200 ": [
      "submit-limit",
      "AssocMaxSubmitJobLimit; Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    ],
    "--time=100": ["time", "Requested time limit is invalid (missing or exceeds some limit)"],
    "--time=soon": ["time", "Invalid --time specification"],
    "--constraint=avx": ["constraint", "Invalid feature specification"],
    "--nodelist=zz": ["node", "Invalid node name specified"],
    "--exclude=zz": ["node", "Invalid node name specified"],
    "--mem=100G": ["resources", ""],
    "--mem=much": ["resources", "Invalid --mem specification"],
    "--gres=gpu:9": ["resources", "Requested node configuration is not available"],
    "--gres=foo:1": ["resources", "Invalid generic resource (gres) specification"],
    "--cpus-per-task=99": ["resources", "More processors requested than permitted"],
    "--reservation=zz": ["other", "Requested reservation is invalid"],
    "--signal=FOO": ["other", "Invalid --signal specification"],
    "--licenses=zz": ["other", "Invalid license specification"],
    "--nope": ["other", "unrecognized option '--nope'"],
    "missing.sh": ["script", "Unable to open file missing.sh"],
    "em.sh": ["script", "Batch script is empty!"],
    "ns.sh": ["script", ""],
    "crlf.sh": ["script", ""],
  };
  const used = new Set<string>();
  for (const { command, said, code } of await recorded("refusals")) {
    if (code === 0 || !command.startsWith("sbatch")) continue;
    const [key, [kind, words]] = Object.entries(expected).find(([part]) =>
      `${command} `.includes(part)
    ) ?? assert.fail(command);
    used.add(key);
    const verdict = classify(said, code);
    assert.ok(verdict.kind === "refused", command);
    assert.strictEqual(verdict.refusal, kind, command);
    if (words !== "") assert.strictEqual(verdict.said, words);
    assert.ok(verdict.reason.length > 0 && /^[A-Z].*\.$/.test(verdict.remedy));
  }
  assert.deepStrictEqual([...used].sort(), Object.keys(expected).sort());
});

Deno.test("silence of a real Slurm is told from a refusal, and from a job that it may have", async () => {
  const maybe = (await recorded("unreachable"))
    .filter(({ command }) => !/^sacct/.test(command))
    .map(({ command, said, code }) => {
      const verdict = classify(said, code);
      assert.ok(verdict.kind === "unreachable", `${command}: ${said}`);
      return [
        /timed out|connect failure|authentication/.exec(verdict.said)?.[0],
        verdict.maybeAccepted,
      ];
    });
  const kinds = new Map(maybe.map((pair) => [JSON.stringify(pair), pair]));
  assert.deepStrictEqual([...kinds.values()], [
    ["timed out", true],
    ["connect failure", false],
    ["authentication", false],
  ]);
});

Deno.test("a limit on size or time is not taken for one on the number of jobs", () => {
  const policy = "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy " +
    "(job submit limit, user's size and/or time limits)";
  const kinds = Object.entries({
    QOSMaxWallDurationPerJobLimit: "time",
    AssocMaxWallDurationPerJobLimit: "time",
    QOSMaxCpuPerUserLimit: "resources",
    QOSMaxGRESPerJob: "resources",
    AssocMaxMemPerJob: "resources",
    QOSMinGRES: "resources",
    MaxSubmitJobsPerAccount: "submit-limit",
    AssocGrpSubmitJobsLimit: "submit-limit",
    QOSGrpSubmitJobsLimit: "submit-limit",
  });
  for (const [reason, kind] of kinds) {
    const verdict = classify(`sbatch: error: ${reason}\n${policy}\n`, 1);
    assert.strictEqual(verdict.kind === "refused" && verdict.refusal, kind, reason);
  }
  const alone = classify(policy, 1);
  assert.strictEqual(alone.kind === "refused" && alone.refusal, "submit-limit");
});

Deno.test("the last word counts: what sbatch has overcome does not", () => {
  const verdict = classify(
    "sbatch: error: Unable to contact slurm controller (connect failure)\n" +
      "sbatch: error: Batch job submission failed: Invalid qos specification\n",
    1,
  );
  assert.strictEqual(verdict.kind === "refused" && verdict.refusal, "qos");
  const busy = classify(
    "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\n" +
      "sbatch: error: Batch job submission failed: Resource temporarily unavailable\n",
    1,
  );
  assert.strictEqual(busy.kind === "refused" && busy.refusal, "submit-limit");
});

Deno.test("an unknown refusal is shown in Slurm's words, safe to print and short", () => {
  assert.deepStrictEqual(
    classify(
      "sbatch: error: site: ask \x1b[31mBob\x07\nsbatch: error: Batch job submission failed: Unspecified error",
      1,
    ),
    {
      kind: "refused",
      refusal: "other",
      reason: "it refuses the job",
      remedy: "Mend the profile, or ask those who run the cluster.",
      said: "site: ask  [31mBob; Unspecified error",
    },
  );
  const long = classify("x".repeat(10_000), 1);
  assert.ok(long.kind === "refused" && long.said.length === 300);
  assert.deepStrictEqual(classify("sbatch: command not found", 127), { kind: "missing" });
});

Deno.test("an sbatch that a signal ended, or that says nothing, may have submitted the job", () => {
  const maybe = (said: string) => ({ kind: "unreachable", maybeAccepted: true, said });
  assert.deepStrictEqual(classify("\n", 9), maybe("exit code 9"));
  assert.deepStrictEqual(classify("", 143), maybe("exit code 143"));
  const retried =
    "sbatch: error: Unable to contact slurm controller (connect failure), sleeping and retrying\n";
  assert.deepStrictEqual(
    classify(retried, 137),
    maybe(
      "exit code 137; Unable to contact slurm controller (connect failure), sleeping and retrying",
    ),
  );
  assert.deepStrictEqual(
    classify("sbatch: error: Invalid qos specification\n", 128),
    maybe("exit code 128; Invalid qos specification"),
  );
  // sbatch's own code for a command line that it does not take.
  assert.strictEqual(
    classify("sbatch: error: Invalid --time specification\n", 255).kind,
    "refused",
  );
});

Deno.test("whatever is printed, there is a verdict that can be shown", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 255 }), (text, code) => {
      const verdict = classify(text, code);
      if (verdict.kind === "missing") assert.strictEqual(code, 127);
      else assert.match(verdict.said, /^\P{Cc}+$/u);
    }),
  );
});
