/** The words of COPY and ADD: flags, sources and target. */

import { wordsOf } from './dockerfile.ts';

export interface Copy {
  /** A stage or an image; default the build context. */
  readonly from?: string;
  readonly sources: readonly string[];
  readonly target: string;
  /** Of files; folders keep theirs. */
  readonly mode?: number;
  /** As written: names or numbers. */
  readonly owner?: { readonly user: string; readonly group: string | undefined };
}

const archive = /\.(?:tar|tgz|tbz2?|txz)(?:\.\w+)?$/i;

/** Reads `--from=build --chown=7 site /srv/`, with its variables filled in; `name` is COPY or ADD. */
export function readCopy(name: string, rest: string): Copy {
  const words = wordsOf(rest);
  const flags: { from?: string; mode?: number; owner?: Copy['owner'] } = {};
  while (words[0]?.startsWith('--')) applyFlag(flags, words.shift() ?? '');
  const target = words.pop();
  if (!target || words.length === 0) throw new Error(`${name} needs sources and a target`);
  if (name === 'ADD') for (const source of words) mustBePlain(source);
  const { owner, ...others } = flags;
  return { ...others, ...(owner ? { owner } : {}), sources: words, target };
}

function applyFlag(flags: { from?: string; mode?: number; owner?: Copy['owner'] }, flag: string): void {
  const [, name, value = ''] = /^--(\w+)=(.+)$/.exec(flag) ?? [];
  if (name === 'from') flags.from = value;
  else if (name === 'chmod' && /^[0-7]{3,4}$/.test(value)) flags.mode = Number.parseInt(value, 8);
  else if (name === 'chmod') throw new Error(`--chmod=${value} is no octal mode such as 755`);
  else if (name === 'chown') {
    const [user = '', group] = value.split(':');
    flags.owner = { user: user || '0', group: group || undefined };
  } else throw new Error(`${flag} is not supported, only --from, --chmod and --chown`);
}

/** What another builder would fetch or unpack is refused: the image would have something else in it. */
function mustBePlain(source: string): void {
  if (/^(?:https?|git|ssh):\/\/|^git@/.test(source)) {
    throw new Error(`ADD ${source} is not supported: nothing is fetched`);
  }
  if (archive.test(source)) throw new Error(`ADD ${source} is not supported: use COPY, and RUN tar`);
}
