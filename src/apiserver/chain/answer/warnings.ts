/** Sends the warnings that were added on the way as `Warning` headers. */

import type { Stage } from '../stage.ts';

export const warnings: Stage = {
  name: 'warnings',
  leave: (exchange, answer) => {
    const texts = exchange.warnings.list();
    if (texts.length > 0) answer.headers['warning'] = texts.map(warningHeader).join(', ');
  },
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controlCharacters = /[\u0000-\u001f\u007f]/g;

/**
 * Headers are sent as Latin-1: the bytes of UTF-8 pass through it unharmed. Control characters would end the
 * header.
 */
function warningHeader(text: string): string {
  const quoted = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `299 - "${Buffer.from(quoted).toString('latin1').replace(controlCharacters, ' ')}"`;
}
