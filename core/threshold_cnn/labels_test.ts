import assert from "node:assert";
import { InputError } from "../errors.ts";
import { formatNormalisedLabels, parseLabels } from "./labels.ts";

const maps = ["maps/vol_017.mrc", "maps/vol_018.mrc", "maps/vol_019.mrc"];
const statistics = [{ min: 0.5, max: 4.5 }, { min: 1, max: 3 }, { min: 0, max: 1 }];

Deno.test("labels are found by name, by place or by number, with the bounds that are given", () => {
  const header = "contour_level,lower_bound,upper_bound";
  const named = `map_file,${header}\nvol_019.mrc.gz,0.5,,0.75\nvol_017.mrc,2,1,3\n`;
  assert.deepStrictEqual(parseLabels(named, "labels.csv", maps, "contour_level"), [
    { level: 2, lower: 1, upper: 3, line: 3 },
    undefined,
    { level: 0.5, upper: 0.75, line: 2 },
  ]);
  const byPlace = "vol_id,normalized_label\n1,0.5\n";
  const byNumber = "vol_id,normalized_label\n18,0.5\n";
  for (const text of [byPlace, byNumber]) {
    const labels = parseLabels(text, "labels.csv", maps, "normalized_label");
    assert.deepStrictEqual(labels.map((label) => label?.level), [undefined, 0.5, undefined]);
  }
});

Deno.test("labels that cannot be used are refused, with the reason", () => {
  const refused = (text: string, reason: RegExp) =>
    assert.throws(
      () => parseLabels(text, "labels.csv", maps, "contour_level"),
      (error) => error instanceof InputError && reason.test(error.message),
    );
  refused(
    "vol_id,level\n1,2\n",
    /^Cannot take labels from labels\.csv: it has no column contour_level/,
  );
  refused("map_file,contour_level\nvol_1.mrc,2\n", /maps that are not there \(vol_1\.mrc\)/);
  refused("vol_id,contour_level\n40,2\n", /maps that are not there \(vol_id 40\)/);
  refused("vol_id,contour_level\n1,\n", /line 2 has no number in contour_level/);
  refused(
    "vol_id,contour_level,lower_bound,upper_bound\n1,2,3,1\n",
    /line 2 has its lower_bound above its upper_bound \(3, 1\)/,
  );
  refused(
    "vol_id,contour_level,lower_bound,upper_bound\n1,2,3,4\n",
    /line 2 has its contour_level outside its bounds \(2; 3, 4\)/,
  );
  assert.throws(
    () => parseLabels("vol_id;contour_level\n1;2\n", "l.csv", maps, "contour_level"),
    (error) => error instanceof InputError && error.remedy === "Separate the columns by commas.",
  );
});

Deno.test("normalised labels keep what the labels say, and are labels again", () => {
  const text = ',vol_id,contour_level,who\n0,19,0.25,"Kinman, L."\n1,17,1.5,\n';
  const labels = parseLabels(text, "labels.csv", maps, "contour_level");
  const csv = formatNormalisedLabels(text, "labels.csv", labels, maps, statistics);
  assert.strictEqual(
    csv,
    ",vol_id,contour_level,who,normalized_label,vol_min,vol_max,map_file\n" +
      "0,0,1.5,,-0.5,0.5,4.5,vol_017.mrc\n" +
      '1,2,0.25,"Kinman, L.",-0.5,0,1,vol_019.mrc\n',
  );
  const again = parseLabels(csv, "normalized.csv", maps, "contour_level");
  assert.strictEqual(formatNormalisedLabels(csv, "normalized.csv", again, maps, statistics), csv);
  const normalised = parseLabels(csv, "normalized.csv", maps, "normalized_label");
  assert.deepStrictEqual(normalised.map((label) => label?.level), [-0.5, undefined, -0.5]);
});
