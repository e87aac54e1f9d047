/**
 * One page, served to browsers on this machine.
 *
 * @module
 */
import { UsageError } from "../core/errors.ts";

/** A page that is being served. */
export interface ServedPage {
  /** Its address, which only who is told it can guess. */
  readonly url: string;
  readonly port: number;
  /** Fulfilled when it is served no more. */
  readonly finished: Promise<void>;
}

/** Names by which a browser reaches this machine's own address, through a tunnel of SSH too. */
const OWN_NAMES = ["127.0.0.1", "localhost"];

/** Bytes of the secret part of the address. */
const SECRET = 16;

/** What a browser is to make of the page, beside what the page says itself. */
const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
} as const;

/**
 * Serves a page on the loopback address, and nothing else: at one path, a part of which is drawn at random.
 * Requests under any other name than this machine's own are refused, so that no page from elsewhere can have
 * a browser read it (DNS rebinding).
 *
 * @param html The page.
 * @param path Rest of the path, after the secret: `/home/me/out/report.html`.
 * @param port Port, or 0 for any that is free.
 * @param signal Ends it.
 * @throws {UsageError} The port cannot be had.
 */
export function servePage(
  html: string,
  path: string,
  port: number,
  signal: AbortSignal,
): ServedPage {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET)).toHex();
  const pathname = `/${secret}${path.split("/").map(encodeURIComponent).join("/")}`;
  const body = new TextEncoder().encode(html);
  const refuse = (status: number, text: string, headers: Record<string, string> = {}) =>
    new Response(`${text}\n`, { status, headers });
  const handler = (request: Request) => {
    const host = request.headers.get("host") ?? "";
    if (!OWN_NAMES.includes(host.replace(/:\d+$/, "").toLowerCase())) {
      return refuse(421, "This address is for this machine alone.");
    }
    if (new URL(request.url).pathname !== pathname) return refuse(404, "There is no such page.");
    if (request.method === "HEAD") {
      return new Response(null, { headers: { ...HEADERS, "content-length": `${body.length}` } });
    }
    if (request.method !== "GET") return refuse(405, "Only GET.", { allow: "GET, HEAD" });
    return new Response(body, { headers: HEADERS });
  };
  try {
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port,
      signal,
      onListen: () => {},
      handler,
    });
    const { addr } = server;
    return {
      url: `http://127.0.0.1:${addr.port}${pathname}`,
      port: addr.port,
      finished: server.finished,
    };
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AddrInUse
      ? "another program has it"
      : cause instanceof Deno.errors.PermissionDenied
      ? "the system denies permission"
      : undefined;
    if (reason === undefined) throw cause;
    throw new UsageError(
      `Cannot serve the report on port ${port}: ${reason}`,
      "Leave --port out, and a free one is taken.",
      { cause },
    );
  }
}
