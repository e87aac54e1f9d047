/**
 * Least counts on a device.
 *
 * @module
 */
import type { LeastCounts } from "../engine.ts";
import type { Device } from "./device.ts";
import { uploadClasses, uploadHalves } from "./matrix_pages.ts";

/** Least counts and classes of voxels, these in pages as the voxels are. */
export interface LeastTable {
  readonly of: LeastCounts;
  readonly rowClasses: readonly GPUBuffer[];
  readonly columnClasses: readonly GPUBuffer[];
  readonly least: GPUBuffer;
}

interface Held extends LeastTable {
  readonly accepted: Promise<void>;
  /** Questions that are being answered with it. */
  users: number;
}

const isSame = (a: LeastCounts, b: LeastCounts) =>
  a.rowClasses === b.rowClasses && a.columnClasses === b.columnClasses && a.least === b.least &&
  a.columnClassCount === b.columnClassCount;

function destroy({ rowClasses, columnClasses, least }: LeastTable): void {
  for (const buffer of [...rowClasses, ...columnClasses, least]) buffer.destroy();
}

/** The tables in use and the last one, which is most often wanted again. */
export class LeastTables {
  readonly #device: Device;
  readonly #page: number;
  #last: Held | undefined;

  /** @param page Voxels of a page. */
  constructor(device: Device, page: number) {
    this.#device = device;
    this.#page = page;
  }

  /** Does something with least counts on the device. */
  async use<T>(of: LeastCounts, act: (table: LeastTable) => Promise<T>): Promise<T> {
    const table = this.#take(of);
    table.users++;
    try {
      await table.accepted;
      return await act(table);
    } finally {
      table.users--;
      this.#release(table);
    }
  }

  #take(of: LeastCounts): Held {
    const last = this.#last;
    if (last !== undefined && isSame(last.of, of)) return last;
    const [buffers, accepted] = this.#device.checked(() => ({
      rowClasses: uploadClasses(this.#device, of.rowClasses, this.#page),
      columnClasses: uploadClasses(this.#device, of.columnClasses, this.#page),
      least: uploadHalves(this.#device, of.least),
    }));
    this.#last = { of, ...buffers, accepted, users: 0 };
    if (last !== undefined) this.#release(last);
    return this.#last;
  }

  #release(table: Held): void {
    if (table.users === 0 && table !== this.#last) destroy(table);
  }
}
