/**
 * Maps to train with. They are read one by one, for there may be more of them than memory holds.
 *
 * @module
 */

/** Maps with labels, by their place. */
export interface TrainingMaps {
  /** The right level of each map, on its scale. */
  readonly labels: readonly number[];
  /**
   * Gives the voxels of a map, which must not be changed.
   *
   * @param place Its place among the labels.
   */
  read(place: number): Promise<Float32Array<ArrayBuffer>>;
}

/**
 * Keeps maps in memory as far as there is room, the others on the disk. Each epoch reads every map once,
 * so that the ones kept are those that were read first: any other choice would keep none until it is read
 * again.
 *
 * @param room Bytes that maps may take.
 */
export function keepMaps(maps: TrainingMaps, room: number): TrainingMaps {
  const kept = new Map<number, Float32Array<ArrayBuffer>>();
  let free = room;
  return {
    labels: maps.labels,
    read: async (place) => {
      const known = kept.get(place);
      if (known !== undefined) return known;
      const map = await maps.read(place);
      if (map.byteLength <= free) {
        kept.set(place, map);
        free -= map.byteLength;
      }
      return map;
    },
  };
}
