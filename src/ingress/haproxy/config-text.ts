/** A configuration under construction: its lines, each with the object it comes from, and the files it names. */

import type { Owner } from '../model/model.ts';

export class ConfigText {
  readonly #lines: string[] = [];
  readonly #owners: (Owner | undefined)[] = [];
  readonly files = new Map<string, string>();
  /** By the name of a file, the object that each of its lines comes from. */
  readonly #fileOwners = new Map<string, readonly (Owner | undefined)[]>();

  /** `text` is configuration: users' texts in it have been written by `word` or `format`. */
  line(text: string, owner?: Owner): void {
    this.#lines.push(text);
    this.#owners.push(owner);
  }

  section(title: string, owner?: Owner): void {
    this.line('');
    this.line(title, owner);
  }

  file(name: string, lines: readonly string[], owners: readonly (Owner | undefined)[] = []): void {
    this.files.set(name, lines.map((line) => `${line}\n`).join(''));
    this.#fileOwners.set(name, owners);
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  /** Of a line by its number, counted from one, of the configuration or of a file that it names. */
  ownerOf(lineNumber: number, file?: string): Owner | undefined {
    const owners = file === undefined ? this.#owners : this.#fileOwners.get(file);
    return owners?.[lineNumber - 1];
  }
}
