/** The standard output, as a file that lines are added to. */

import { writeSync } from 'node:fs';

const descriptor = 1;

export const standardOutput = {
  /** Throws when not all of it could be written. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
  },
  close: async (): Promise<void> => {},
};
