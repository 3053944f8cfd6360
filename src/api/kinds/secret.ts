/** Secret: `stringData` is merged into `data`; type Opaque unless told; frozen when `immutable`. */

import type { Strategy } from '../strategy.ts';
import type { Secret } from '../types.gen.ts';

export const secret: Strategy<Secret> = {
  setDefaults(secret) {
    secret.type ||= 'Opaque';
    if (!secret.stringData) return;
    secret.data ??= {};
    const data = secret.data;
    for (const [key, text] of Object.entries(secret.stringData)) data[key] = toBase64(text);
    delete secret.stringData;
  },
  prepareForUpdate(secret, old) {
    // A client that sends no type keeps the one it has.
    if (!secret.type && old.type) secret.type = old.type;
  },
  selectableFields(secret) {
    return { type: secret.type ?? '' };
  },
};

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
