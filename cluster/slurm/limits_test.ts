import assert from "node:assert";
import fc from "fast-check";
import { SirenError } from "../../core/errors.ts";
import { leastLimit, parseAssociations, parseConfig, parseQos } from "./limits.ts";

const read = (name: string) => Deno.readTextFile(new URL(`testdata/${name}.txt`, import.meta.url));

Deno.test("a cluster's limits", async () => {
  const text = await read("config");
  const limits = {
    version: "22.05.8",
    cluster: "test",
    maxArraySize: 1001,
    maxJobCount: 20000,
    minJobAge: 300,
    accounting: true,
    enforced: true,
  };
  assert.deepStrictEqual(parseConfig(text), limits);
  const without = text.replace("accounting_storage/slurmdbd", "accounting_storage/none")
    .replace("associations,limits,qos", "none");
  assert.deepStrictEqual(parseConfig(without), { ...limits, accounting: false, enforced: false });
});

Deno.test("what scontrol did not print is an error that names the line", async () => {
  const text = await read("config");
  assert.throws(
    () => parseConfig(text.replace("MaxArraySize            = 1001", "MaxArraySize = lots")),
    {
      name: "ClusterError",
      message: /^Cannot understand what scontrol show config says: MaxArraySize: /,
    },
  );
  assert.throws(() => parseConfig(""), { name: "ClusterError" });
});

Deno.test("the least limit is found, and how much room it leaves", async () => {
  const associations = parseAssociations(await read("associations"));
  const qos = parseQos(await read("qos"));
  assert.deepStrictEqual(associations, [
    {
      defaultAccount: "root",
      account: "acc",
      partition: "",
      most: 60,
      qos: ["normal", "tight"],
      defaultQos: "",
    },
    {
      defaultAccount: "root",
      account: "root",
      partition: "",
      most: undefined,
      qos: ["normal", "tight"],
      defaultQos: "",
    },
  ]);
  assert.deepStrictEqual(qos, [
    { name: "normal", perUser: undefined, perAccount: undefined, all: undefined },
    { name: "tight", perUser: 5, perAccount: 40, all: 99 },
  ]);
  const queued = [
    { account: "acc", qos: "normal", tasks: 1 },
    { account: "acc", qos: "normal", tasks: 3 },
    { account: "root", qos: "tight", tasks: 3 },
  ];
  const least = (
    charge: Parameters<typeof leastLimit>[0],
    partition: Parameters<typeof leastLimit>[1] = {},
    jobs = queued,
  ) => leastLimit(charge, partition, associations, qos, jobs);
  assert.strictEqual(least({}), undefined, "the default account has none");
  assert.deepStrictEqual(least({ account: "acc" }), { most: 60, by: "account acc", room: 56 });
  assert.deepStrictEqual(least({ account: "acc", qos: "tight" }), {
    most: 5,
    by: "qos tight",
    room: 2,
  });
  assert.deepStrictEqual(least({}, { qos: "tight" }), { most: 5, by: "qos tight", room: 0 });
  const full = [{ account: "acc", qos: "normal", tasks: 80 }];
  assert.deepStrictEqual(least({ account: "acc", qos: "tight" }, {}, full), {
    most: 60,
    by: "account acc",
    room: 0,
  });
  assert.strictEqual(least({ account: "unknown", qos: "unknown" }), undefined);
});

Deno.test("the association of the partition goes before that of the account", () => {
  const associations = parseAssociations("a|a||100|normal|\na|a|gpu|10|normal,tight|tight\n");
  const qos = parseQos("tight|8||\n");
  const of = (name: string) => leastLimit({}, { name }, associations, qos, []);
  assert.deepStrictEqual(of("gpu"), { most: 8, by: "qos tight", room: 8 });
  assert.deepStrictEqual(of("cpu"), { most: 100, by: "account a", room: 100 });
});

Deno.test("rubbish is an error in words, or nothing", () => {
  const rubbish = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom("a", "|", "\n", "1", "=", " ") }),
  );
  fc.assert(fc.property(rubbish, (text) => {
    for (const parse of [parseConfig, parseAssociations, parseQos]) {
      try {
        parse(text);
      } catch (error) {
        assert.ok(error instanceof SirenError);
      }
    }
  }));
});
