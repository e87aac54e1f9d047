/**
 * What a check asks of a node, by a job that starts siren as a task does and says what it saw.
 *
 * @module
 */
import { z } from "zod";
import type { Finding } from "./check.ts";
import { gpusOf, type Profile } from "./profile.ts";

/** What the node says. All of it is text of programs of the node. */
const AnswerSchema = z.object({
  host: z.string(),
  glibc: z.string(),
  question: z.string(),
  code: z.string(),
  siren: z.string(),
  granted: z.string(),
  devices: z.string(),
  gpus: z.string(),
});
/** See {@linkcode AnswerSchema}. */
export type NodeAnswer = z.infer<typeof AnswerSchema>;

/** Names of the files in the job's folder: its program, what it must read, and what it writes in the end. */
export const PROBE_FILES = { program: "probe.sh", question: "question", answer: "answer" } as const;

/**
 * The job's program, for a POSIX shell. Its words are a count, that many words which start siren, and
 * others with which a task would go on.
 */
export const PROBE = `# What siren cluster check asks of a node.
cd "$(dirname "$0")" || exit
count=$1
shift
total=$#
for word in "$@"; do
  [ "$count" -gt 0 ] && set -- "$@" "$word"
  count=$((count - 1))
done
shift "$total"
version=$("$@" --version 2>&1)
code=$?
say() { printf '%s=%s\\n' "$1" "$(printf '%s' "$2" | tr '\\n' ' ')"; }
{
  say host "\${SLURMD_NODENAME:-$(uname -n)}"
  say glibc "$(getconf GNU_LIBC_VERSION 2>&1)"
  say question "$(cat question)"
  say code "$code"
  say siren "$version"
  say granted "\${CUDA_VISIBLE_DEVICES-}"
  say devices "$(ls -d /dev/nvidia[0-9]* 2>/dev/null)"
  say gpus "$(nvidia-smi -L 2>/dev/null)"
} >answer.tmp && mv answer.tmp answer
`;

/** Reads what the job wrote; undefined where it is not its answer. */
export function parseAnswer(text: string): NodeAnswer | undefined {
  const values = text.split("\n").flatMap((line) => {
    const at = line.indexOf("=");
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
  });
  return AnswerSchema.safeParse(Object.fromEntries(values)).data;
}

/** What the answer says of the cluster. */
export interface NodeFindings {
  readonly disk: Finding;
  readonly siren: Finding;
  /** Absent where no GPU was asked for. */
  readonly gpu: Finding | undefined;
}

/**
 * Judges an answer.
 *
 * @param question What the node had to read.
 * @param lag Seconds between the job's end and the moment its file was seen.
 */
export function judgeAnswer(
  answer: NodeAnswer,
  question: string,
  lag: number,
  { file, grace, gres }: Pick<Profile, "file" | "grace" | "gres">,
): NodeFindings {
  const asked = gpusOf(gres);
  return {
    disk: answer.question === question ? judgeLag(lag, grace, file) : {
      state: "missing",
      finding: "the node does not read what was written for it",
      remedy: `Name a folder on the shared disk as scratch in ${file}.`,
    },
    siren: judgeSiren(answer),
    gpu: asked === 0 ? undefined : judgeGpu(answer, asked),
  };
}

function judgeLag(lag: number, grace: number, file: string): Finding {
  if (lag < 1) return { finding: "the node's file was seen at once" };
  return {
    finding: `the node's file was seen ${lag} s after the job's end`,
    ...(lag > grace / 2 ? { remedy: `Raise grace in ${file}: it is ${grace} s.` } : {}),
  };
}

function judgeSiren({ siren, code, glibc }: NodeAnswer): Finding {
  if (code === "0") return { finding: `${siren}, ${glibc}` };
  return {
    state: "missing",
    finding: `it does not start (exit code ${code}; ${glibc}): ${siren.slice(0, 300)}`,
    remedy: "Does the node see the folder that siren is in, and may it run programs from there?",
  };
}

function judgeGpu({ granted, devices, gpus }: NodeAnswer, asked: number): Finding {
  const remedy = "Tasks would compute on the CPU; see gres in the profile, and what the site says.";
  if (granted === "" || granted === "NoDevFiles") {
    return { state: "slow", finding: `${asked} asked for, none granted`, remedy };
  }
  if (devices === "" && gpus === "") {
    const finding = `granted (${granted}), but the node shows no NVIDIA device`;
    return { state: "slow", finding, remedy };
  }
  return { finding: `granted (${granted}): ${gpus || devices}` };
}
