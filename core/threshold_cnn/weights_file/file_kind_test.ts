import assert from "node:assert";
import { encodeHeader, makeHeader } from "../../mrc/header.ts";
import { fileKind, HEAD_BYTES } from "./file_kind.ts";
import { writeSafetensors } from "./safetensors.ts";
import { bytesOf, torchFileOf } from "./testing.ts";

Deno.test("files of weights are known by what they hold", () => {
  assert.strictEqual(fileKind(torchFileOf(bytesOf("N.")), "a"), "PyTorch");
  const plain = writeSafetensors(
    new Map([["a", { shape: [1], data: Float32Array.of(1) }]]),
    new Map(),
  );
  assert.strictEqual(fileKind(plain, "a"), "safetensors");
  assert.strictEqual(fileKind(plain.subarray(0, 9), "a"), "safetensors");
});

Deno.test("what is no file of weights is said to be what it is", () => {
  const map = encodeHeader(makeHeader({ nx: 64, ny: 64, nz: 64, mode: 2 }));
  const lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 27617308\n";
  for (
    const [head, said, remedy] of [
      ["", "it is empty", "Copy or download it again."],
      [lfs, "it is a Git LFS pointer, which only tells where the weights are", /git lfs pull\.$/],
      ["\n <!DOCTYPE html><html>", "it is a web page, not weights", /^Download the file itself/],
      ["<html lang='en'>", "it is a web page, not weights", /^Download the file itself/],
      [
        "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.",
        "it is of PyTorch's old format, before 1.6",
        /torch\.save it again\.$/,
      ],
      ["\x80\x04]\x94.", "it is a pickle, but not one of torch.save", /torch\.save it again\.$/],
      [String.fromCharCode(...map), "it is a map, not weights", /^Give a checkpoint/],
      ["\x1f\x8b\x08", "it is compressed with gzip", "Unpack it with gunzip."],
      ["\x89HDF\r\n", "it is an HDF5 file, as of Keras", /^Give a checkpoint/],
      ["map_file,prediction\n", "it is not a file of weights", /^Give a checkpoint/],
      ["\x80", "it is not a file of weights", /^Give a checkpoint/],
      ["\xff\xff\xff\xff\xff\xff\xff\xff{", "it is not a file of weights", /^Give a checkpoint/],
    ] as const
  ) {
    assert.throws(() => fileKind(bytesOf(head).subarray(0, HEAD_BYTES), "a.pth"), {
      name: "InputError",
      message: `Cannot read a.pth: ${said}`,
      remedy,
    });
  }
});
