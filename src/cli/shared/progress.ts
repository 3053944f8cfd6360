/** One line that is redrawn while a command waits; in a file there is none. */

import type { Writable } from 'node:stream';

export interface Progress {
  show(state: string): void;
  /** Removes the line. */
  end(): void;
}

/** `what` stands before each state: `pulling web: 12.3 MiB`. */
export function showProgress(output: Writable & { readonly isTTY?: boolean }, what: string): Progress {
  const redraw = (text: string) => {
    if (output.isTTY) output.write(`\r\x1b[K${text}`);
  };
  redraw(what);
  return { show: (state) => redraw(`${what}: ${state}`), end: () => redraw('') };
}
