/** Parses the Dockerfile language: instructions, their words, and the stages that they make. */

export interface Instruction {
  readonly line: number;
  readonly name: string;
  readonly rest: string;
}

const known = [
  'FROM',
  'COPY',
  'ADD',
  'ENV',
  'CMD',
  'ENTRYPOINT',
  'WORKDIR',
  'USER',
  'EXPOSE',
  'LABEL',
  'STOPSIGNAL',
  'MAINTAINER',
  'RUN',
  'ARG',
  'SHELL',
  'VOLUME',
];

/** Throws for unsupported instructions, with the line. */
export function parseDockerfile(text: string): Instruction[] {
  const instructions: Instruction[] = [];
  let pending = '';
  let start = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*#/.test(line) || (pending === '' && line.trim() === '')) continue;
    if (pending === '') start = index + 1;
    if (/\\\s*$/.test(line)) {
      pending += line.replace(/\\\s*$/, ' ');
      continue;
    }
    instructions.push(instruction(start, (pending + line).trim()));
    pending = '';
  }
  return instructions;
}

function instruction(line: number, text: string): Instruction {
  const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  const name = word.toUpperCase();
  if (!known.includes(name)) {
    throw new Error(`line ${line}: ${name} is not supported, only ${known.join(', ')}`);
  }
  if (/^(?:RUN|COPY|ADD)$/.test(name) && /(?:^|\s)<<-?["']?\w/.test(rest)) {
    throw new Error(`line ${line}: ${name} with a here-document is not supported`);
  }
  return { line, name, rest: rest.trim() };
}

/** `["a", "b"]`, or a command line for the shell. */
export function commandOf(rest: string, shell: readonly string[]): string[] {
  return jsonStrings(rest) ?? [...shell, rest];
}

/** Words as a shell splits them; also the JSON form. */
export function wordsOf(rest: string): string[] {
  const list = jsonStrings(rest);
  if (list) return list;
  const words = rest.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/gs) ?? [];
  return words.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_, a, b, c) => a ?? b ?? c),
  );
}

/** `A=1 B="two words"`, or the old `A value`. */
export function pairsOf(rest: string): [string, string][] {
  const words = wordsOf(rest);
  if (!words[0]?.includes('=')) return [[words[0] ?? '', rest.slice((words[0] ?? '').length).trim()]];
  return words.map((word) => {
    const at = word.indexOf('=');
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

export interface Stage {
  /** The line of its FROM. */
  readonly line: number;
  /** An image, `scratch`, or an earlier stage; may name arguments. */
  readonly base: string;
  /** Of `AS`; later stages may also say its number. */
  readonly name?: string;
  readonly instructions: readonly Instruction[];
}

/** The stages, and the ARGs before the first one, which only FROMs see. */
export function stagesOf(instructions: readonly Instruction[]): {
  readonly args: readonly Instruction[];
  readonly stages: readonly Stage[];
} {
  const first = instructions.findIndex(({ name }) => name === 'FROM');
  const args = instructions.slice(0, Math.max(first, 0));
  if (first < 0 || args.some(({ name }) => name !== 'ARG')) {
    throw new Error('a Dockerfile begins with FROM, after ARGs at most');
  }
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  for (const instruction of instructions.slice(first)) {
    if (instruction.name === 'FROM') stages.push({ ...stageOf(instruction), instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  return { args, stages };
}

function stageOf({ line, rest }: Instruction): Omit<Stage, 'instructions'> {
  const [, base, name] = /^(?:--platform=\S+\s+)?(\S+)(?:\s+as\s+(\S+))?$/i.exec(rest) ?? [];
  if (!base) throw new Error(`line ${line}: FROM is not: FROM IMAGE [AS NAME]`);
  return { line, base, ...(name ? { name: name.toLowerCase() } : {}) };
}

export function jsonStrings(rest: string): string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  try {
    const list: unknown = JSON.parse(rest);
    return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}
