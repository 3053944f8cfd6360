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

const title = /^( *)(?:test|describe)\(\s*(['"`])((?:\\.|(?!\2)[^\\])*)\2/gm;

/**
 * The title of a test has its subject, condition and result, between dashes. A row of a table within a
 * `describe`, which is indented twice, has them from there.
 */
export function vagueTitles(file: string, text: string): Finding[] {
  if (!file.endsWith('.test.ts')) return [];
  return [...text.matchAll(title)]
    .filter(([, indent, , name]) => indent!.length < 4 && !name!.includes(' – '))
    .map(({ 3: name, index }) => ({
      line: text.slice(0, index).split('\n').length,
      why: `a test is named "subject – condition – result", not "${name}"`,
    }));
}
