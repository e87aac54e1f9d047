/**
 * A headless Chromium, driven by the DevTools protocol (https://chromedevtools.github.io/devtools-protocol).
 *
 * @module
 */
import { exists } from "./surroundings.ts";

/** Debian's Chromium, and what others call theirs. */
const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * Whether there is a Chromium.
 *
 * @throws {Error} There is none, where CI=true says that nothing may be left out.
 */
export function hasChromium(): boolean {
  const isThere = PROGRAMS.some(exists);
  if (!isThere && Deno.env.get("CI") === "true") {
    throw new Error("There is no Chromium; on Debian it is the package chromium.");
  }
  return isThere;
}

/** What the protocol answers and tells: values of JSON, which the caller knows the shape of. */
// deno-lint-ignore no-explicit-any
type Message = any;

/** A page in a browser. */
export interface Page extends AsyncDisposable {
  /** What the page wrote to its console as a warning or an error, exceptions, and what the browser held against it. */
  readonly complaints: string[];
  /** Address of everything that the page asked for, itself included. */
  readonly requests: string[];
  /** Calls a method of the protocol. */
  send(method: string, params?: Record<string, unknown>): Promise<Message>;
  /** Waits until something of the protocol has happened. */
  once(method: string): Promise<Message>;
  /** Goes to an address and waits until it has loaded. */
  goTo(url: string): Promise<void>;
  /** Gives the value of an expression of JavaScript, a promise's when it is fulfilled. */
  evaluate<T = unknown>(expression: string): Promise<T>;
  /** Waits until an expression is true. */
  until(expression: string, milliseconds?: number): Promise<void>;
  /** Sets the size of the window in CSS pixels. */
  resize(width: number, height: number, scale?: number): Promise<void>;
  /** Clicks the middle of the first element of a selector, as a mouse does, or a place in it. */
  click(selector: string, at?: { readonly x: number; readonly y: number }): Promise<void>;
  /** Presses a key, such as "Enter", "ArrowDown" or "a". */
  press(key: string): Promise<void>;
  /** A picture of the window, of an element, or of the whole page, as PNG. */
  screenshot(of?: string | "page"): Promise<Uint8Array<ArrayBuffer>>;
}

/** A browser with one page. */
export interface Browser extends AsyncDisposable {
  /** Opens another page. */
  open(): Promise<Page>;
}

/** Longest that anything may take, in milliseconds; the machine may be busy. */
const PATIENCE = 60_000;

/**
 * Starts a browser that has nothing of the user's, with WebGL by software.
 *
 * @param more Further flags.
 */
export async function startChromium(...more: string[]): Promise<Browser> {
  const program = PROGRAMS.find(exists);
  if (program === undefined) throw new Error("There is no Chromium");
  const profile = await Deno.makeTempDir({ prefix: "siren_chromium_" });
  const child = new Deno.Command(program, {
    args: [
      "--headless",
      "--no-sandbox",
      "--use-gl=angle",
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
      "--disable-quic",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-extensions",
      "--hide-scrollbars",
      "--force-color-profile=srgb",
      "--font-render-hinting=none",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      ...more,
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { url, drained } = await addressOf(child);
  const socket = await Socket.open(url);
  const end = async () => {
    socket.close();
    try {
      child.kill("SIGTERM");
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
    await child.status;
    await drained;
    await removeFolder(profile);
  };
  return {
    open: () => openPage(socket),
    [Symbol.asyncDispose]: end,
  };
}

/** Its helpers may write to the folder for a moment after it has ended. */
async function removeFolder(path: string): Promise<void> {
  for (let tries = 20;; tries--) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Reads where the browser listens from what it says; what it says afterwards is thrown away. */
async function addressOf(
  child: Deno.ChildProcess,
): Promise<{ url: string; drained: Promise<void> }> {
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Chromium ended before it listened:\n${said}`);
    said += value;
    const url = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
    if (url === undefined) continue;
    const drained = (async () => {
      while (!(await reader.read()).done);
    })();
    return { url, drained };
  }
}

/** The protocol's connection: answers by number, events by session. */
class Socket {
  #last = 0;
  readonly #waiting = new Map<number, PromiseWithResolvers<Message>>();
  readonly #listeners = new Map<string, (method: string, params: Message) => void>();
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const { id, result, error, method, params, sessionId } = JSON.parse(data);
      if (id === undefined) return this.#listeners.get(sessionId)?.(method, params);
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(`Chromium: ${error.message} ${error.data ?? ""}`));
    };
    socket.onclose = () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Chromium has ended"));
      this.#waiting.clear();
    };
  }

  static async open(url: string): Promise<Socket> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`Cannot connect to ${url}`));
    });
    return new Socket(socket);
  }

  listen(session: string, listener: (method: string, params: Message) => void): void {
    this.#listeners.set(session, listener);
  }

  async send(
    method: string,
    params?: Record<string, unknown>,
    sessionId?: string,
  ): Promise<Message> {
    const id = ++this.#last;
    const answer = Promise.withResolvers<Message>();
    this.#waiting.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return await within(answer.promise, PATIENCE, method);
  }

  close(): void {
    this.#socket.close();
  }
}

/** A promise's value, or an error after so many milliseconds. */
async function within<T>(promise: Promise<T>, milliseconds: number, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`Chromium: ${what} takes too long`)),
    milliseconds,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function openPage(socket: Socket): Promise<Page> {
  const { targetId } = await socket.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await socket.send("Target.attachToTarget", { targetId, flatten: true });
  const complaints: string[] = [];
  const requests: string[] = [];
  const waiting = new Map<string, PromiseWithResolvers<Message>[]>();
  socket.listen(sessionId, (method, params) => {
    if (method === "Runtime.exceptionThrown") {
      const { exceptionDetails: { exception, text } } = params;
      complaints.push(`exception: ${exception?.description ?? text}`);
    } else if (
      method === "Runtime.consoleAPICalled" && ["error", "warning"].includes(params.type)
    ) {
      const words = params.args.map(({ value, description }: Message) => value ?? description);
      complaints.push(`console.${params.type}: ${words.join(" ")}`);
    } else if (method === "Log.entryAdded" && params.entry.level !== "verbose") {
      complaints.push(`${params.entry.source}: ${params.entry.text} ${params.entry.url ?? ""}`);
    } else if (method === "Network.requestWillBeSent") requests.push(params.request.url);
    for (const { resolve } of waiting.get(method) ?? []) resolve(params);
    waiting.delete(method);
  });

  const send = (method: string, params?: Record<string, unknown>) =>
    socket.send(method, params, sessionId);
  const once = (method: string) => {
    const event = Promise.withResolvers<Message>();
    waiting.set(method, [...waiting.get(method) ?? [], event]);
    return within(event.promise, PATIENCE, method);
  };
  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    });
    if (exceptionDetails === undefined) return result.value;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  };
  const until = async (expression: string, milliseconds = PATIENCE) => {
    for (const end = performance.now() + milliseconds; performance.now() < end;) {
      if (await evaluate(expression)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`It does not come true: ${expression}\n${complaints.join("\n")}`);
  };
  /** Where an element is, in CSS pixels of the window, after it was brought into it. */
  const boxOf = async (selector: string) => {
    const box = await evaluate<{ x: number; y: number; width: number; height: number } | null>(
      `(() => {
        const element = document.querySelector(${JSON.stringify(selector)});
        if (element === null) return null;
        element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
        const { x, y, width, height } = element.getBoundingClientRect();
        return { x, y, width, height };
      })()`,
    );
    if (box === null) throw new Error(`There is no element ${selector}`);
    return box;
  };
  const click = async (selector: string, at?: { readonly x: number; readonly y: number }) => {
    const { x, y, width, height } = await boxOf(selector);
    const place = { x: x + (at?.x ?? width / 2), y: y + (at?.y ?? height / 2) };
    const button = { ...place, button: "left", clickCount: 1 };
    await send("Input.dispatchMouseEvent", { type: "mouseMoved", ...place });
    await send("Input.dispatchMouseEvent", { type: "mousePressed", buttons: 1, ...button });
    await send("Input.dispatchMouseEvent", { type: "mouseReleased", ...button });
  };
  const press = async (key: string) => {
    const text = key.length === 1 ? { text: key } : key === "Enter" ? { text: "\r" } : {};
    const code = { key, code: key, windowsVirtualKeyCode: KEY_CODES[key] ?? key.charCodeAt(0) };
    await send("Input.dispatchKeyEvent", { type: "keyDown", ...code, ...text });
    await send("Input.dispatchKeyEvent", { type: "keyUp", ...code });
  };
  const screenshot = async (of?: string) => {
    let clip: Record<string, number> | undefined;
    if (of === "page") {
      const { cssContentSize: { width, height } } = await send("Page.getLayoutMetrics");
      clip = { x: 0, y: 0, width, height, scale: 1 };
    } else if (of !== undefined) {
      const { x, y, width, height } = await boxOf(of);
      const [left, top] = await evaluate<[number, number]>("[scrollX, scrollY]");
      clip = { x: x + left, y: y + top, width, height, scale: 1 };
    }
    const { data } = await send("Page.captureScreenshot", {
      format: "png",
      ...(clip && { clip, captureBeyondViewport: true }),
    });
    return Uint8Array.fromBase64(data);
  };
  await Promise.all(["Page", "Runtime", "Log", "Network"].map((name) => send(`${name}.enable`)));
  return {
    complaints,
    requests,
    send,
    once,
    evaluate,
    until,
    click,
    press,
    screenshot,
    goTo: async (url) => {
      const loaded = once("Page.loadEventFired");
      const { errorText } = await send("Page.navigate", { url });
      if (errorText !== undefined) throw new Error(`Chromium: ${errorText} (${url})`);
      await loaded;
    },
    resize: async (width, height, deviceScaleFactor = 1) => {
      const mobile = false;
      const metrics = { width, height, deviceScaleFactor, mobile };
      await send("Emulation.setDeviceMetricsOverride", metrics);
    },
    [Symbol.asyncDispose]: async () => {
      await socket.send("Target.closeTarget", { targetId });
    },
  };
}

const KEY_CODES: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  " ": 32,
  End: 35,
  Home: 36,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
};
