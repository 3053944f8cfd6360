/** Certificates and keys as files in one folder, readable by their owner only. */

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWholeFile } from '#host/files/whole-file.ts';
import type { PkiStore } from '#pki/pki.ts';

export function filePkiStore(dir: string): PkiStore {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return {
    place: dir,
    read(name) {
      const path = join(dir, name);
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    },
    write(name, text) {
      // Written atomically: a truncated key would lock the cluster out.
      writeWholeFile(join(dir, name), text);
    },
  };
}
