/**
 * The viewer by itself, for tests in a browser: bundled, it is `createViewer` and `unpackScene`.
 *
 * @module
 */
import { unpackScene } from "./unpack.ts";
import { createViewer } from "./viewer.ts";

Object.assign(globalThis, { createViewer, unpackScene });
