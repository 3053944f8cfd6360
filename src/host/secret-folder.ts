/** Keeps small secret documents in a folder that only its owner can enter; a document is whole or not there. */

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface SecretFolder {
  read(name: string): string | undefined;
  write(name: string, text: string): void;
}

export function secretFolder(path: string): SecretFolder {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return {
    read(name) {
      try {
        return readFileSync(join(path, name), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write(name, text) {
      const target = join(path, name);
      const temporary = `${target}.new`;
      const file = openSync(temporary, 'w', 0o600);
      try {
        writeSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, target);
    },
  };
}
