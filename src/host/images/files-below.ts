/**
 * The files of an image that a further layer lies over. Where its path leads through a link, the layer's entries must have
 * the path behind the link: an entry for a folder in its place would replace the link.
 */

import { lstatSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';

const linksMax = 40;

export class FilesBelow {
  readonly #root: string | undefined;
  readonly #folders = new Map<string, string>();

  /** Undefined: there are none. */
  constructor(root: string | undefined) {
    this.#root = root;
  }

  /** Where the folder is: `usr/bin/` for `bin`, when that is a link. Throws for a circle of links. */
  folderAt(path: string): string {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const found = withSlash(this.#resolved(path, 0));
    this.#folders.set(path, found);
    return found;
  }

  /** `folder`: with a slash at its end. */
  has(folder: string): boolean {
    return folder === '' || this.#kindOf(folder.slice(0, -1)) !== undefined;
  }

  #resolved(path: string, links: number): string {
    if (links > linksMax) throw new Error(`too many links in ${posix.join('/', path)}`);
    let at = '';
    const names = path.split('/').filter(Boolean);
    for (const [index, name] of names.entries()) {
      const next = at === '' ? name : `${at}/${name}`;
      if (this.#kindOf(next) !== 'link') {
        at = next;
        continue;
      }
      const behind = posix.resolve(`/${at}`, readlinkSync(`${this.#root}/${next}`));
      return this.#resolved([behind, ...names.slice(index + 1)].join('/'), links + 1);
    }
    return at;
  }

  #kindOf(path: string): 'link' | 'other' | undefined {
    if (this.#root === undefined) return undefined;
    const found = lstatSync(`${this.#root}/${path}`, { throwIfNoEntry: false });
    return found && (found.isSymbolicLink() ? 'link' : 'other');
  }
}

function withSlash(path: string): string {
  return path === '' ? '' : `${path}/`;
}
