import assert from "node:assert";
import { makeHeader, type MrcHeader, promisedBytes } from "./header.ts";
import { validateHeader, validateStatistics } from "./validate.ts";

const good = makeHeader({ nx: 8, ny: 8, nz: 8, cellaX: 8, cellaY: 8, cellaZ: 8 });
const bytes = promisedBytes(good);

Deno.test("a good header breaks no rule", () => {
  assert.deepStrictEqual(validateHeader(good, bytes), []);
  const full = { nsymbt: 80, exttyp: "FEI1", ispg: 401, mz: 4, nlabl: 1, labels: ["a label"] };
  const header = { ...good, ...full, nversion: 20140 };
  assert.deepStrictEqual(validateHeader(header, bytes + 80), []);
});

const errors: [Partial<MrcHeader>, number, string, string][] = [
  [
    { mode: 3 },
    bytes,
    "mode",
    "mode 3 is a Fourier transform (complex 16-bit integers), not a density",
  ],
  [
    { mode: 4 },
    2 * bytes,
    "mode",
    "mode 4 is a Fourier transform (complex 32-bit floats), not a density",
  ],
  [
    { mode: 101 },
    1024 + 256,
    "mode",
    "mode 101 packs two voxels of 4 bits into a byte: it is for raw movies, not for maps",
  ],
  [{ mode: 5 }, bytes, "mode", "its mode is none of 0, 1, 2, 3, 4, 6, 12, 101 (5)"],
  [
    { mapc: 1, mapr: 1, maps: 3 },
    bytes,
    "axis-order",
    "MAPC, MAPR, MAPS name no order of the axes 1, 2, 3 (1, 1, 3)",
  ],
  [
    { mapc: 0, mapr: 2, maps: 3 },
    bytes,
    "axis-order",
    "MAPC, MAPR, MAPS name no order of the axes 1, 2, 3 (0, 2, 3)",
  ],
  [
    { nsymbt: -1024 },
    bytes,
    "extended-header",
    "the length of its extended header is negative (-1024)",
  ],
  [{}, bytes - 1, "file-size", "its header promises 3072 bytes, the file has 3071"],
  [
    { nsymbt: 2147483647, exttyp: "CCP4" },
    bytes,
    "file-size",
    "its header promises 2147486719 bytes, the file has 3072",
  ],
];

const warnings: [Partial<MrcHeader>, number, string, string][] = [
  [
    {},
    bytes + 1,
    "file-size",
    "the file is longer than its header promises (3073 bytes, not 3072)",
  ],
  [{ map: "MAP\0" }, bytes, "map-id", 'bytes 208-211 are not "MAP "'],
  [
    { machst: "00 00 00 00" },
    bytes,
    "machine-stamp",
    "the machine stamp is unknown (00 00 00 00)",
  ],
  [
    { machst: "11 11 00 00" },
    bytes,
    "machine-stamp",
    "the machine stamp says big-endian, the file is little-endian (11 11 00 00)",
  ],
  [{ nversion: 0 }, bytes, "version", "NVERSION is neither 20140 nor 20141 (0)"],
  [
    { mapc: 0, mapr: 0, maps: 0 },
    bytes,
    "axis-order",
    "MAPC, MAPR, MAPS are zero; taken as 1, 2, 3",
  ],
  [
    { cellaX: 0 },
    bytes,
    "voxel-size",
    "the voxel size is unknown (cell 0 x 8 x 8, intervals 8 x 8 x 8)",
  ],
  [{ gamma: 120 }, bytes, "cell-angles", "the cell is not right-angled (90, 90, 120)"],
  [{ ispg: 231 }, bytes, "space-group", "ISPG is neither 0-230 nor 401-630 (231)"],
  [
    { ispg: 401, mz: 3 },
    bytes,
    "volume-stack",
    "NZ is no multiple of MZ in a stack of volumes (8, 3)",
  ],
  [
    { nsymbt: 1024 },
    bytes + 1024,
    "extended-header",
    'the kind of extended header is unknown ("\\u0000\\u0000\\u0000\\u0000")',
  ],
  [{ nlabl: 11 }, bytes, "labels", "the number of labels is not 0 to 10 (11)"],
  [{ nlabl: 2, labels: ["one", ""] }, bytes, "labels", "a label in use is empty (2)"],
];

for (const [severity, cases] of [["error", errors], ["warning", warnings]] as const) {
  for (const [fields, fileBytes, rule, message] of cases) {
    Deno.test(`validateHeader, ${severity} ${rule}: ${message}`, () => {
      const found = validateHeader({ ...good, ...fields }, fileBytes)
        .filter((finding) => finding.severity === severity)
        .map((finding) => ({ rule: finding.rule, message: finding.message }));
      assert.deepStrictEqual(found, [{ rule, message }]);
    });
  }
}

const actual = { min: -1, max: 5, mean: 0.5, rms: 0.25, nans: 0, infinities: 0 };

Deno.test("statistics that are right, nearly right or marked as unknown break no rule", () => {
  const right = { ...good, dmin: -1, dmax: 5, dmean: 0.5, rms: 0.25 };
  assert.deepStrictEqual(validateStatistics(right, actual), []);
  assert.deepStrictEqual(validateStatistics({ ...right, dmean: 0.5001 }, actual), []);
  assert.deepStrictEqual(validateStatistics(good, actual), []);
});

Deno.test("statistics that are wrong are named one by one", () => {
  const wrong = { ...good, dmin: -2, dmax: 6, dmean: 0.6, rms: 0 };
  assert.deepStrictEqual(validateStatistics(wrong, actual).map(({ message }) => message), [
    "DMIN is not that of the data (-2, not -1)",
    "DMAX is not that of the data (6, not 5)",
    "DMEAN is not that of the data (0.6, not 0.5)",
    "RMS is not that of the data (0, not 0.25)",
  ]);
});

Deno.test("voxels that are not finite are errors", () => {
  assert.deepStrictEqual(validateStatistics(good, { ...actual, nans: 3, infinities: 1 }), [
    { rule: "finite", severity: "error", message: "voxels are NaN (3)" },
    { rule: "finite", severity: "error", message: "voxels are infinite (1)" },
  ]);
});
