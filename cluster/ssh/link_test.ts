import assert from "node:assert";
import { ClusterError, ConnectionError } from "../../core/errors.ts";
import { link } from "./link.ts";
import { ConnectionLost, type Session } from "./session.ts";

/** A connection that does nothing but get lost. */
function fakeSession(): Session & { lose(): void; isClosed: boolean } {
  let isLost = false;
  return {
    client: undefined as never, // no operation of these tests looks at it
    get isLost() {
      return isLost;
    },
    isClosed: false,
    during: () => Promise.reject(new Error("not used")),
    sftp: () => Promise.reject(new Error("not used")),
    lose: () => void (isLost = true),
    close() {
      isLost = this.isClosed = true;
    },
  };
}

function waiting(patience = 60) {
  const told: string[] = [];
  const control = new AbortController();
  return {
    signal: control.signal,
    patience,
    tell: (text: string) => void told.push(text),
    told,
    control,
  };
}

Deno.test("an operation that loses its connection is done again over a new one", async () => {
  const first = fakeSession(), second = fakeSession();
  let opened = 0;
  const surroundings = waiting();
  const connection = link("here", first, () => {
    opened++;
    return Promise.resolve(second);
  }, surroundings);
  const runs = Array.from({ length: 3 }, (_, i) =>
    connection.run(`do ${i}`, (session) => {
      if (session === second) return Promise.resolve(i);
      first.lose();
      return Promise.reject(new ConnectionLost("gone"));
    }));
  assert.deepStrictEqual(await Promise.all(runs), [0, 1, 2]);
  assert.strictEqual(opened, 1, "one connection for all");
  assert.deepStrictEqual(surroundings.told, [
    "The connection to here was lost; siren connects again.",
    "The connection to here is back.",
  ]);
});

Deno.test("what another try would not mend is thrown at once", async () => {
  const never = () => Promise.reject(new Error("opened"));
  for (
    const error of [new ClusterError("no"), new ConnectionError("begun"), new TypeError("defect")]
  ) {
    const connection = link("here", fakeSession(), never, waiting());
    await assert.rejects(connection.run("do it", () => Promise.reject(error)), error);
  }
  const late = new ConnectionLost("there was no answer within 2 s", { isLate: true });
  const connection = link("here", fakeSession(), never, waiting());
  await assert.rejects(connection.run("do it", () => Promise.reject(late)), {
    name: "ConnectionError",
    message: "Cannot do it on here: there was no answer within 2 s",
  });
});

Deno.test("a connection that cannot be had again: at once if the host refuses, later if it is away", async () => {
  const lost = () => {
    const session = fakeSession();
    session.lose();
    return session;
  };
  let tries = 0;
  const refused = link("here", lost(), () => {
    tries++;
    return Promise.reject(new ClusterError("not let in"));
  }, waiting());
  await assert.rejects(refused.run("do it", () => Promise.resolve(1)), /not let in/);
  assert.strictEqual(tries, 1);
  const away = link("here", lost(), () => {
    tries++;
    return Promise.reject(new ConnectionError("away"));
  }, waiting(0.8));
  await assert.rejects(away.run("do it", () => Promise.resolve(1)), /away/);
  assert.strictEqual(tries, 3, "once more after half a second");
});

Deno.test("without patience a loss is an error at once", async () => {
  let count = 0;
  const connection = link("here", fakeSession(), () => Promise.resolve(fakeSession()), waiting(0));
  await assert.rejects(
    connection.run("do it", () => {
      count++;
      return Promise.reject(new ConnectionLost("gone"));
    }),
    { name: "ConnectionError", message: "Cannot do it on here: gone" },
  );
  assert.strictEqual(count, 1);
});

Deno.test("closing, and the signal, end what waits for a connection", async () => {
  for (const how of ["close", "signal"] as const) {
    const session = fakeSession();
    session.lose();
    const surroundings = waiting();
    const away = () => Promise.reject(new ConnectionError("away"));
    const connection = link("here", session, away, surroundings);
    const refused = assert.rejects(
      connection.run("do it", () => Promise.resolve(1)),
      how === "close" ? /was closed$/ : /stop/,
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (how === "close") connection.close();
    else surroundings.control.abort(new Error("stop"));
    await refused;
  }
});
