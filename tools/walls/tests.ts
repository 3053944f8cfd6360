/** The seventh wall: files say what they promise, and tests what they prove, as docs/STYLE.md asks. */

import type { Finding } from './machine.ts';

/**
 * A file opens with a sentence. A test beside the file of its name needs none: the sentence of that file is
 * its own. `files` are all files of the repository.
 */
export function headerless(file: string, text: string, files: ReadonlySet<string>): Finding[] {
  if (!file.endsWith('.ts') || file.includes('.gen.')) return [];
  if (/^(?:#!.*\n\s*)?\/\*\*/.test(text)) return [];
  if (file.endsWith('.test.ts') && files.has(file.replace(/\.test\.ts$/, '.ts'))) return [];
  return [{ line: 1, why: 'the file does not open with a sentence that says what it promises' }];
}

const title = /^ *(?:test|describe)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gm;

/**
 * The title of a test has its subject, condition and result, between dashes. A row within a `describe` has
 * them from there.
 */
export function vagueTitles(file: string, text: string): Finding[] {
  if (!file.endsWith('.test.ts')) return [];
  return [...text.matchAll(title)]
    .filter(([, , name]) => !name!.includes(' – '))
    .filter(({ 0: line, index }) => !line.startsWith(' ') || !isInDescribe(text.slice(0, index)))
    .map(({ 2: name, index }) => ({
      line: text.slice(0, index).split('\n').length,
      why: `a test is named "subject – condition – result", not "${name}"`,
    }));
}

/** Whether the block that is open at the end of `text` is one of a `describe`. */
function isInDescribe(text: string): boolean {
  const opened = text.match(/^(?:\w|\}\);).*$/gm)?.at(-1);
  return opened?.startsWith('describe(') ?? false;
}

const builder = /^( *)(?:const|function) (pod|node|claim|service|job|replicaSet)(?: = \((?!await )|\()/gm;

/** A test builds pods, nodes and the like with the builders of `src/testing`, not from a literal of its own. */
export function ownBuilders(file: string, text: string): Finding[] {
  if (!file.startsWith('src/') || !file.endsWith('.test.ts')) return [];
  return [...text.matchAll(builder)]
    .filter(({ 1: indent, index }) => {
      const body = declarationAt(text.slice(index), indent!);
      return body.includes('metadata: {') && !/\b(?:stored|new|make)[A-Z]\w*\(/.test(body);
    })
    .map(({ 2: name, index }) => ({
      line: text.slice(0, index).split('\n').length,
      why: `a test takes its ${name} from the builders in src/testing (objects.ts, objects/), with what it adds`,
    }));
}

/** The declaration at the start of `text`: its line, and the lines up to the one that closes it. */
function declarationAt(text: string, indent: string): string {
  const [first = ''] = text.split('\n', 1);
  if (first.endsWith(';')) return first;
  const end = text.slice(first.length).search(new RegExp(`\n${indent}\\S.*[^{(>]$`, 'm'));
  return end < 0 ? text : text.slice(0, first.length + end);
}
