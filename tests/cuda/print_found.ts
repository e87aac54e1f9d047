/**
 * Prints what `findCuda` finds, for tests of a process with an environment and permissions of its own.
 *
 * @module
 */
import { findCuda } from "../../core/cooccupancy/cuda.ts";

console.log(JSON.stringify(findCuda()));
