/**
 * Getting in: which way of authentication is tried after which.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
// @ts-types="@types/ssh2"
import ssh2, {
  type AnyAuthMethod,
  type IdentityCallback,
  type ParsedKey,
  type Prompt,
  type SignCallback,
  type SigningRequestOptions,
} from "ssh2";
import { ClusterError } from "../../core/errors.ts";
import type { Identities, Identity } from "./identities.ts";
import { printable, type SshSurroundings } from "./settings.ts";

/** How often a password or an answer is asked for. */
const TRIES = 3;
/** At most this many factors, should a host never be content. */
const FACTORS = 4;

/** Passwords that were given, by question: in memory only, so that a reconnection does not ask again. */
export type Secrets = Map<string, string>;

/** What a host answers to a method that did not let the user in (yet). */
export interface Refusal {
  /** Methods that may go on. */
  readonly methods: readonly string[];
  /** Whether the method was right, and another one is wanted as well. */
  readonly isPartial: boolean;
}

/** What is known of a try to get in, for messages. */
export interface Attempt {
  /** What was tried, in words. */
  readonly tried: string[];
  /** What could not be tried, and why. */
  readonly left: string[];
  /** Methods the host offers. */
  offered: readonly string[];
}

/**
 * The methods to try, one after the other; each is answered with the host's refusal until one is not
 * refused. Order: keys, then questions of the host (keyboard-interactive), then the password.
 */
export async function* authentication(
  { where, machine, user, identities, ask, secrets, attempt }: {
    readonly where: string;
    /** Whose secrets they are: never are they told to another machine. */
    readonly machine: string;
    readonly user: string;
    readonly identities: () => Promise<Identities>;
    readonly ask: SshSurroundings["ask"];
    readonly secrets: Secrets;
    readonly attempt: Attempt;
  },
): AsyncGenerator<AnyAuthMethod, void, Refusal> {
  const none: AnyAuthMethod = { type: "none", username: user };
  let answer = yield none;
  const offered = new Set<string>();
  const used = new Set<Identity>();

  for (let factor = 0; factor < FACTORS; factor++) {
    answer.methods.forEach((method) => offered.add(method));
    attempt.offered = [...offered];
    const next = yield* oneFactor(answer.methods);
    if (next === undefined) return;
    answer = next;
  }

  /** Tries what the host offers; gives its answer once that asks for one more factor. */
  async function* oneFactor(
    methods: readonly string[],
  ): AsyncGenerator<AnyAuthMethod, Refusal | undefined, Refusal> {
    if (methods.includes("publickey")) {
      const { usable, left } = await identities();
      for (const reason of left) if (!attempt.left.includes(reason)) attempt.left.push(reason);
      for (const identity of usable) {
        if (used.has(identity)) continue;
        used.add(identity);
        attempt.tried.push(identity.label);
        let isSigned = false;
        const agent = new OneKeyAgent(identity, () => isSigned = true);
        yield { type: "agent", username: user, agent };
        if (!isSigned) continue;
        // ssh2 does not hand on that a key of an agent was right but not enough, so the host is asked.
        const after = yield none;
        if (after.methods.join() !== methods.join()) return after;
      }
    }
    if (methods.includes("keyboard-interactive")) {
      if (ask === undefined) attempt.left.push("questions of the host need a terminal");
      else {
        for (let turn = 0; turn < TRIES; turn++) {
          let isGivenUp = false;
          const asked = new Set<string>();
          const prompt = answering(where, machine, ask, secrets, asked, () => isGivenUp = true);
          if (turn === 0) attempt.tried.push("keyboard-interactive");
          const after = yield { type: "keyboard-interactive", username: user, prompt };
          if (after.isPartial) return after;
          for (const question of asked) secrets.delete(question);
          if (isGivenUp || !after.methods.includes("keyboard-interactive")) break;
        }
      }
    }
    if (methods.includes("password")) {
      if (ask === undefined) attempt.left.push("a password needs a terminal");
      else {
        const key = `${machine} password`;
        for (let turn = 0; turn < TRIES; turn++) {
          const password = secrets.get(key) ??
            await ask({ text: `Password of ${where}: `, secret: true });
          if (password === undefined) break;
          secrets.set(key, password);
          if (turn === 0) attempt.tried.push("a password");
          const after = yield { type: "password", username: user, password };
          if (after.isPartial) return after;
          secrets.delete(key);
        }
      }
    }
    return undefined;
  }
}

/** Whether an answer may be given again: one that is a password, and no code that changes. */
function isLasting({ prompt, echo }: Prompt): boolean {
  return echo !== true && /pass(word|phrase)/i.test(prompt) &&
    !/one.?time|otp|code|token|factor|verif/i.test(prompt);
}

type Finish = (answers: string[]) => void;

/** Hands a host's questions to the user, and notes in `asked` which they were. */
function answering(
  where: string,
  machine: string,
  ask: NonNullable<SshSurroundings["ask"]>,
  secrets: Secrets,
  asked: Set<string>,
  giveUp: () => void,
): (name: string, instructions: string, lang: string, prompts: Prompt[], finish: Finish) => void {
  const answers = async (name: string, instructions: string, prompts: Prompt[]) => {
    const given: string[] = [];
    let isDone = false;
    for (const [i, prompt] of prompts.entries()) {
      const key = `${machine} ${prompt.prompt}`;
      // An answer that is wanted a second time was wrong the first time.
      const kept = asked.has(key) ? undefined : secrets.get(key);
      asked.add(key);
      const head = i === 0 ? [name, instructions].filter((text) => text.trim() !== "") : [];
      const text = printable([...head, `${where}: ${prompt.prompt}`].join("\n"));
      const answer = isDone ? "" : kept ?? await ask({ text, secret: prompt.echo !== true });
      if (answer === undefined) {
        isDone = true;
        giveUp();
      } else if (!isDone && isLasting(prompt)) secrets.set(key, answer);
      given.push(answer ?? "");
    }
    return given;
  };
  return (name, instructions, _language, prompts, finish) => {
    answers(name, instructions, prompts).then(finish, () => {
      giveUp();
      finish(prompts.map(() => ""));
    });
  };
}

/**
 * An agent of one key. All keys go through one, as ssh2 then waits for the signature, and the passphrase
 * is asked for only once the host has said that it would take the key.
 */
class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  constructor(readonly identity: Identity, readonly onSigned: () => void) {
    super();
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(undefined, [this.identity.key]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === "function" ? options : callback;
    const chosen = typeof options === "function" ? {} : options;
    this.identity.sign(data, chosen).then(
      (signature) => {
        if (signature === undefined) done?.(new Error("no passphrase was given"));
        else {
          this.onSigned();
          done?.(null, signature);
        }
      },
      (error: unknown) => done?.(error instanceof Error ? error : new Error(String(error))),
    );
  }
}

/** What to say when a host let nobody in. */
export function notLetIn(
  where: string,
  { tried, left, offered }: Attempt,
  hasTerminal: boolean,
): ClusterError {
  const wantsAnswers = offered.includes("password") || offered.includes("keyboard-interactive");
  const parts = [
    `tried: ${tried.join(", ") || "nothing"}`,
    ...(left.length === 0 ? [] : [`not tried: ${left.join(", ")}`]),
    `the host takes: ${offered.map(printable).join(", ") || "nothing"}`,
  ];
  const remedy = !hasTerminal && (wantsAnswers || left.length > 0)
    ? "Start siren from a terminal, where it can ask, or have an SSH agent hold the key (ssh-add)."
    : tried.length === 0
    ? "Make a key (ssh-keygen), bring it to the host (ssh-copy-id), or name it as identity."
    : "See that user and key are right.";
  return new ClusterError(
    `Cannot reach ${where}: it does not let us in (${parts.join("; ")})`,
    remedy,
  );
}
