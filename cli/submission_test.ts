import assert from "node:assert";
import { formatJobs, formatSubmission } from "./submission.ts";

Deno.test("formatSubmission tells jobs, tasks, and what to type next", () => {
  const submission = {
    folder: "my run",
    profile: "big",
    where: "me@login",
    stage: "sketch",
    jobs: ["4711", "4712"],
    tasks: 40,
    waiting: 0,
    done: 12,
    total: 1600,
    next: "siren gather 'my run'",
  };
  assert.strictEqual(
    formatSubmission(submission),
    `On the cluster big (me@login): stage sketch, 40 tasks in 2 jobs (4711, 4712)
12 of 1,600 shards are here.

To look:  siren watch 'my run', siren status 'my run', siren logs 'my run'
To stop:  siren cancel 'my run'
Next:     siren gather 'my run'
`,
  );
  assert.match(
    formatSubmission({ ...submission, waiting: 1 }),
    /\. For a limit of the site, 1 task could not be submitted yet\.\n/,
  );
});

Deno.test("formatJobs lists a few of many jobs", () => {
  const jobs = Array.from({ length: 12 }, (_, i) => String(i));
  assert.strictEqual(formatJobs(jobs), "12 jobs (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...)");
  assert.strictEqual(formatJobs(["7"]), "1 job (7)");
  assert.strictEqual(formatJobs([]), "no job");
});
