/** Certificates and keys as files of one folder, readable by their owner only. */

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PkiStore } from '#apiserver/pki/pki.ts';

export function filePkiStore(dir: string): PkiStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return {
    read(name) {
      const path = join(dir, name);
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    },
    write(name, text) {
      const path = join(dir, name);
      // Whole or not at all: a key cut short by a crash would lock the cluster out.
      writeFileSync(`${path}.new`, text, { mode: 0o600 });
      chmodSync(`${path}.new`, 0o600);
      renameSync(`${path}.new`, path);
    },
  };
}
