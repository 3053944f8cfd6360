/** The few commands that a simulated container understands; any other is answered as not found. */

import { ownValue } from '#base/own-value.ts';

export interface ShellPlace {
  readonly env: ReadonlyMap<string, string>;
  readonly hostname: string;
}

export interface ShellResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

const done = (stdout = ''): ShellResult => ({ stdout, stderr: '', exitCode: 0 });

const commands: Record<string, (args: string[], place: ShellPlace) => ShellResult> = {
  echo: (args) => done(`${args.join(' ')}\n`),
  env: (_, { env }) => done([...env].map(([key, value]) => `${key}=${value}\n`).join('')),
  hostname: (_, { hostname }) => done(`${hostname}\n`),
  true: () => done(),
  false: () => ({ stdout: '', stderr: '', exitCode: 1 }),
  exit: ([code = '0']) => ({ stdout: '', stderr: '', exitCode: Number(code) || 0 }),
};

export function runShell(command: string[], place: ShellPlace): ShellResult {
  const [program = '', ...args] = command;
  if (/^(\/bin\/)?(ba|a)?sh$/.test(program) && args[0] === '-c') {
    const words = (args[1] ?? '').trim().split(/\s+/);
    return runShell(
      words.map((word) => substituted(word, place)),
      place,
    );
  }
  const known = ownValue(commands, program.replace(/^.*\//, ''));
  if (known) return known(args, place);
  return { stdout: '', stderr: `${program}: not known to a simulated container\n`, exitCode: 127 };
}

function substituted(word: string, { env }: ShellPlace): string {
  const bare = word.replace(/^(['"])(.*)\1$/, '$2');
  if (word.startsWith("'")) return bare;
  return bare.replace(/\$\{?([A-Za-z_]\w*)\}?/g, (_, name: string) => env.get(name) ?? '');
}
