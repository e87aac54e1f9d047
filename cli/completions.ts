/**
 * `siren completions`: scripts that complete siren's commands, flags, choices and files in a shell. They
 * are made from the command tree and stand alone, so that a press of the Tab key starts no program.
 *
 * @module
 */
import {
  Argument,
  Command,
  type CommandUnknownOpts,
  type Option,
} from "@commander-js/extra-typings";
import { choiceReader } from "./arguments.ts";
import type { Context } from "./job.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** Makes the command. */
export function completions({ io }: Context): CommandUnknownOpts {
  const command = new Command("completions")
    .summary("print a script that completes siren's words in your shell")
    .description(
      "Prints a script with which the Tab key completes commands, flags, choices and files.",
    )
    .addArgument(
      new Argument("<shell>", "your shell").choices(SHELLS)
        .argParser(choiceReader("the shell", SHELLS)),
    )
    .addHelpText(
      "after",
      `
Examples:
  siren completions bash > ~/.local/share/bash-completion/completions/siren
  siren completions zsh > ~/.zfunc/_siren      (with ~/.zfunc in fpath, before compinit)
  siren completions fish > ~/.config/fish/completions/siren.fish`,
    );
  return command.action((shell) => {
    const program = treeOf(command.parent!);
    const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
    io.stdout.write(scripts[shell as (typeof SHELLS)[number]](program));
  });
}

/** Commander keeps this command apart from the others. */
const HELP = { name: "help", help: "print help for a command" } as const;

/** What can stand for a value. */
type Value =
  | { readonly kind: "choice"; readonly words: readonly string[] }
  | { readonly kind: "file" | "folder" | "other" };

interface Flag {
  readonly name: string;
  readonly help: string;
  /** Absent for a switch. */
  readonly value?: Value;
}

interface Branch {
  /** Its name, with those of the commands above it before it. */
  readonly path: string;
  readonly name: string;
  readonly help: string;
  readonly flags: readonly Flag[];
  readonly operands: readonly Value[];
  readonly commands: readonly Branch[];
}

/** What is completed: flags before a command, and commands with their flags and operands. */
interface Tree {
  readonly name: string;
  readonly flags: readonly Flag[];
  readonly commands: readonly Branch[];
}

function treeOf(program: CommandUnknownOpts): Tree {
  const help = program.createHelp();
  const flagsOf = (command: CommandUnknownOpts): Flag[] =>
    help.visibleOptions(command).filter((option) => option.long !== undefined).map((option) => ({
      name: option.long!,
      help: option.description,
      ...(option.required ? { value: valueOf(placeholder(option), option.argChoices) } : {}),
    }));
  const branch = (above: string) => (command: CommandUnknownOpts): Branch => {
    const path = `${above}${command.name()}`;
    return {
      path,
      name: command.name(),
      help: command.summary(),
      flags: flagsOf(command),
      operands: command.registeredArguments
        .map((argument) => valueOf(argument.name(), argument.argChoices)),
      commands: visible(command).map(branch(`${path} `)),
    };
  };
  const visible = (command: CommandUnknownOpts) =>
    help.visibleCommands(command).filter((child) => command.commands.includes(child));
  return {
    name: program.name(),
    flags: flagsOf(program),
    commands: visible(program).map(branch("")),
  };
}

/** A command and those below it. */
function flatten(branch: Branch): Branch[] {
  return [branch, ...branch.commands.flatMap(flatten)];
}

function placeholder(option: Option): string {
  return /<(.*?)(?:\.\.\.)?>/.exec(option.flags)?.[1] ?? "";
}

/** What a placeholder of help stands for; the names of files and folders are kept to these. */
function valueOf(placeholder: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: "choice", words: choices };
  if (placeholder === "folder") return { kind: "folder" };
  return {
    kind: /^(file|map|pdb|truth|blocks|name or file)$/.test(placeholder) ? "file" : "other",
  };
}

function bashScript({ name, flags, commands }: Tree): string {
  const reply = (value: Value) => {
    switch (value.kind) {
      case "choice":
        return `COMPREPLY=($(compgen -W "${value.words.join(" ")}" -- "$current"))`;
      case "file":
        return `_${name}_files -f`;
      case "folder":
        return `_${name}_files -d`;
      case "other":
        return ":";
    }
  };
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).join(" ");
  const parents = commands.filter(({ commands }) => commands.length > 0).map(({ name }) => name);
  const cases = commands.flatMap(flatten).flatMap((command) => {
    const withValue = command.flags.filter((flag) => flag.value !== undefined);
    const alike = Map.groupBy(withValue, (flag) => reply(flag.value!));
    const path = command.path.replace(" ", "\\ ");
    if (command.commands.length > 0) {
      return [
        `    ${path}:*)`,
        `      COMPREPLY=($(compgen -W "${
          names([...command.commands, ...command.flags])
        }" -- "$current")) ;;`,
      ];
    }
    return [
      ...Array.from(alike, ([reply, flags]) => {
        const patterns = flags.map((flag) => `${path}:${flag.name}`);
        return `    ${patterns.join(" | ")}) ${reply} ;;`;
      }),
      `    ${path}:*)`,
      `      if [[ $current == -* ]]; then`,
      `        COMPREPLY=($(compgen -W "${names(command.flags)}" -- "$current"))`,
      ...(command.operands.length === 0 ? [] : [
        `      else`,
        `        ${reply(command.operands[0]!)}`,
      ]),
      `      fi ;;`,
    ];
  });
  return `# Completes ${name} in bash. Written by: ${name} completions bash
_${name}_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$current"))
}

_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${names([...commands, HELP, ...flags])}" -- "$current"))
    return
  fi
  # --flag=value comes as three words.
  if [[ $current == "=" ]]; then
    current=""
  elif [[ $previous == "=" ]]; then
    previous="\${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  if [[ $previous == --* ]]; then
    previous="\${previous#--}"
    previous="--\${previous//-/_}"
  fi
  local command="\${COMP_WORDS[1]//-/_}"
  if [[ " ${parents.join(" ")} " == *" $command "* ]] && ((COMP_CWORD > 2)); then
    command+=" \${COMP_WORDS[2]//-/_}"
  fi
  case "$command:$previous" in
${cases.join("\n")}
    help:help) COMPREPLY=($(compgen -W "${names(commands)}" -- "$current")) ;;
  esac
}

complete -F _${name} ${name}
`;
}

function zshScript({ name, flags, commands }: Tree): string {
  // Colons and brackets end a description in zsh's specifications.
  const plain = (text: string) => quote(text.replace(/[[\]:\\]/g, "\\$&"));
  const quote = (text: string) => text.replaceAll("'", `'\\''`);
  const action = (value: Value) => {
    switch (value.kind) {
      case "choice":
        return `:choice:(${value.words.join(" ")})`;
      case "file":
        return ":file:_files";
      case "folder":
        return ":folder:_files -/";
      case "other":
        return ":value: ";
    }
  };
  const flagSpec = ({ name, help, value }: Flag) =>
    `'${name}${value === undefined ? "" : "="}[${plain(help)}]${
      value === undefined ? "" : action(value)
    }'`;
  const describe = (list: readonly { name: string; help: string }[]) =>
    list.map(({ name, help }) => `    '${name}:${plain(help)}'`).join("\n");
  const branch = (command: Branch): string => {
    if (command.commands.length > 0) {
      return `    ${command.name})
      if ((CURRENT == 2)); then
        commands=(
${describe(command.commands)}
        )
        _describe command commands
        return
      fi
      command="\${words[2]//-/_}"
      shift words
      ((CURRENT--))
      case "$command" in
${command.commands.map(branch).join("\n")}
      esac ;;`;
    }
    const specs = [
      ...command.flags.map(flagSpec),
      ...command.operands.map((value) => `'*${action(value)}'`).slice(0, 1),
    ];
    return `    ${command.name})
      _arguments ${specs.map((spec) => `\\\n        ${spec}`).join(" ")} ;;`;
  };
  return `#compdef ${name}
# Completes ${name} in zsh. Written by: ${name} completions zsh
_${name}() {
  local -a commands=(
${describe([...commands, HELP])}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    _arguments ${flags.map((flag) => flagSpec(flag)).join(" ")}
    return
  fi
  local command="\${words[2]//-/_}"
  shift words
  ((CURRENT--))
  case "$command" in
${commands.map(branch).join("\n")}
    help) _describe command commands ;;
  esac
}

if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function fishScript({ name, flags, commands }: Tree): string {
  const quote = (text: string) => `'${text.replace(/[\\']/g, "\\$&")}'`;
  const offer = (value: Value | undefined) => {
    switch (value?.kind) {
      case undefined:
        return "";
      case "choice":
        return ` -x -a ${quote(value.words.join(" "))}`;
      case "file":
        return " -r -F";
      case "folder":
        return " -x -a '(__fish_complete_directories)'";
      case "other":
        return " -x";
    }
  };
  const flagLine = (condition: string, { name: flag, help, value }: Flag) =>
    `complete -c ${name} -n ${quote(condition)} -l ${flag.slice(2)}${offer(value)} -d ${
      quote(help)
    }`;
  const branch = (condition: string, above: string) => (command: Branch): string[] => {
    // Both spellings of a command are commands.
    const spellings = [...new Set([command.name, command.name.replaceAll("_", "-")])].join(" ");
    const seen = `${above}__fish_seen_subcommand_from ${spellings}`;
    const children = command.commands.map(({ name }) => name).join(" ");
    const [operand] = command.operands;
    return [
      `complete -c ${name} -n ${quote(condition)} -a ${command.name} -d ${quote(command.help)}`,
      ...command.commands.flatMap(
        branch(`${seen}; and not __fish_seen_subcommand_from ${children}`, `${seen}; and `),
      ),
      ...command.flags.map((flag) => flagLine(seen, flag)),
      ...(operand === undefined || operand.kind === "other"
        ? []
        : [`complete -c ${name} -n ${quote(seen)}${offer(operand).replace(" -r", "")}`]),
    ];
  };
  const lines = commands.flatMap(branch("__fish_use_subcommand", ""));
  return `# Completes ${name} in fish. Written by: ${name} completions fish
complete -c ${name} -f
${flags.map((flag) => flagLine("__fish_use_subcommand", flag)).join("\n")}
${lines.join("\n")}
complete -c ${name} -n __fish_use_subcommand -a ${HELP.name} -d ${quote(HELP.help)}
complete -c ${name} -n '__fish_seen_subcommand_from help' -a '${
    commands.map(({ name }) => name).join(" ")
  }'
`;
}
