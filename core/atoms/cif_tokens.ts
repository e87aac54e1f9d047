/**
 * The words of CIF files.
 *
 * Follows CIF 1.1 ("CIF File Syntax, Version 1.1 Working specification", IUCr; International Tables for
 * Crystallography G, chapter 2.2.7).
 *
 * @module
 */
import { InputError } from "../errors.ts";

/**
 * What a word is: the head of a data block or a save frame, the beginning of a loop, a data name, a value
 * with or without quotes, or the end of the file.
 */
export type CifKind = "data" | "save" | "loop" | "name" | "value" | "quoted" | "end";

/** Reads a file word by word. */
export interface CifTokens {
  /** What the current word is. */
  readonly kind: CifKind;
  /** Its text: without quotes; a data name in lower case; of a data block its name. */
  readonly text: string;
  /** Goes to the next word. */
  next(): void;
  /** An error at the current word, which says the file and the line. */
  error(what: string, remedy?: string): InputError;
}

const TAB = 9, LF = 10, CR = 13, SPACE = 32, QUOTE = 34, HASH = 35, APOSTROPHE = 39, SEMICOLON = 59;
const UNDERSCORE = 95, BYTE_ORDER_MARK = 0xfeff;

const isBlank = (code: number) => code === SPACE || code === LF || code === CR || code === TAB;

/** Where white space and comments end. */
function skipBlanks(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === HASH) at = endOfLine(text, at) - 1;
    else if (!isBlank(code) && !(code === BYTE_ORDER_MARK && at === 0)) break;
  }
  return at;
}

/** Where the line ends: at its break, or the end of the text. */
function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== LF && text.charCodeAt(at) !== CR) at++;
  return at;
}

/** Whether the first word of a text is the head of a data block. */
export function isCif(text: string): boolean {
  const start = skipBlanks(text, 0);
  return text.slice(start, start + 5).toLowerCase() === "data_";
}

/**
 * Reads the words of a CIF file.
 *
 * @param text Contents of the file.
 * @param file Its name, for messages.
 * @returns The words, at the first one.
 * @throws {InputError} Also from `next`: where quotes or a text field are never closed, a word is reserved,
 *   or a value begins with a character that it must not begin with.
 */
export function cifTokens(text: string, file: string): CifTokens {
  let kind: CifKind = "end", value = "";
  let start = 0, end = 0;

  const error = (what: string, remedy?: string) => {
    const line = text.slice(0, start).split(/\r\n|\r|\n/).length;
    return new InputError(`Cannot read ${file}: line ${line} ${what}`, remedy);
  };

  const textField = () => {
    for (let at = endOfLine(text, start); at < text.length; at = endOfLine(text, at)) {
      const isPair = text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF;
      const next = at + (isPair ? 2 : 1);
      if (text.charCodeAt(next) === SEMICOLON) {
        value = text.slice(start + 1, at);
        end = next + 1;
        return;
      }
      at = next;
    }
    throw error("begins a text that is never closed", CUT_SHORT);
  };

  const quoted = (quote: number) => {
    for (let at = start + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === LF || code === CR) break;
      // A quote within the text is followed by a character of it.
      if (code === quote && (at + 1 === text.length || isBlank(text.charCodeAt(at + 1)))) {
        value = text.slice(start + 1, at);
        end = at + 1;
        return;
      }
    }
    throw error("has a quote that is never closed", CUT_SHORT);
  };

  const next = () => {
    start = skipBlanks(text, end);
    if (start === text.length) {
      [kind, value, end] = ["end", "", start];
      return;
    }
    const code = text.charCodeAt(start);
    const before = start === 0 ? LF : text.charCodeAt(start - 1);
    if (code === SEMICOLON && (before === LF || before === CR)) {
      kind = "quoted";
      return textField();
    }
    if (code === QUOTE || code === APOSTROPHE) {
      kind = "quoted";
      return quoted(code);
    }
    end = start + 1;
    while (end < text.length && !isBlank(text.charCodeAt(end))) end++;
    value = text.slice(start, end);
    if (code === UNDERSCORE) {
      kind = "name";
      value = value.toLowerCase();
      return;
    }
    kind = "value";
    const reserved = /^(?:(data_|save_)(.*)|(loop_|global_|stop_))$/is.exec(value);
    if (reserved === null) {
      if (/^[$[\]]/.test(value)) {
        throw error(`has a value without quotes that needs them (${value})`);
      }
      return;
    }
    const word = (reserved[1] ?? reserved[3]!).toLowerCase(); // one of the two matched
    if (word === "data_") [kind, value] = ["data", reserved[2]!];
    else if (word === "save_") [kind, value] = ["save", reserved[2]!];
    else if (word === "loop_") kind = "loop";
    else throw error(`has a word that CIF reserves (${value})`);
  };

  next();
  return {
    get kind() {
      return kind;
    },
    get text() {
      return value;
    },
    next,
    error,
  };
}

const CUT_SHORT = "The file is cut short or damaged: copy or make it anew.";
