/**
 * Questions to whoever sits at the terminal.
 *
 * @module
 */
import type { Question, Stream } from "./io.ts";
import { withoutControls } from "./table.ts";

/** The part of standard input that is needed. */
export interface Keyboard {
  read(buffer: Uint8Array): Promise<number | null>;
  setRaw(raw: boolean, options?: { cbreak: boolean }): void;
}

/**
 * Makes the function that asks. Questions go to `stderr`, so that results on standard output stay clean.
 *
 * @param signal When it is aborted, asking ends with its reason.
 */
export function makeAsk(
  keyboard: Keyboard,
  stderr: Stream,
  signal: AbortSignal,
): (question: Question) => Promise<string | undefined> {
  // What was typed ahead of the next question.
  let ahead = "";
  return async ({ text, secret }) => {
    signal.throwIfAborted();
    // It may be a server's, which has no business on the terminal but with words.
    stderr.write(withoutControls(text));
    // With cbreak Ctrl-C is still a signal.
    if (secret) keyboard.setRaw(true, { cbreak: true });
    try {
      const { answer, rest } = await readLine(keyboard, ahead, signal);
      ahead = rest;
      return answer;
    } finally {
      if (secret) {
        keyboard.setRaw(false);
        stderr.write("\n");
      }
    }
  };
}

const BACKSPACE = /[\b\x7f]/, CLEAR = "\x15", END = "\x04";

/** Reads up to Enter. The terminal edits the line itself unless it is raw; then this does. */
async function readLine(
  keyboard: Keyboard,
  ahead: string,
  signal: AbortSignal,
): Promise<{ answer: string | undefined; rest: string }> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(1024);
    const line: string[] = [];
    for (let text = ahead;;) {
      let at = 0;
      for (const char of text) {
        at += char.length;
        if (char === "\n" || char === "\r") return { answer: line.join(""), rest: text.slice(at) };
        if (char === END) return { answer: undefined, rest: "" };
        if (BACKSPACE.test(char)) line.pop();
        else if (char === CLEAR) line.length = 0;
        else line.push(char);
      }
      const count = await Promise.race([keyboard.read(buffer), stopped]);
      if (count === null) return { answer: undefined, rest: "" };
      text = decoder.decode(buffer.subarray(0, count), { stream: true });
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
