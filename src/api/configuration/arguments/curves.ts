/** The key exchanges of TLS, by the numbers that Go has for them. */

import { type Argument, list } from '../argument.ts';

/** OpenSSL's names, by the numbers of the IANA. */
const curves: Readonly<Record<string, string>> = {
  '23': 'P-256',
  '24': 'P-384',
  '25': 'P-521',
  '29': 'X25519',
  '4587': 'SecP256r1MLKEM768',
  '4588': 'X25519MLKEM768',
  '4589': 'SecP384r1MLKEM1024',
};

/** Read as the names of OpenSSL. */
export const curvesArgument: Argument<readonly string[]> = {
  ...list(
    `The key exchanges of TLS, by their numbers: ${Object.entries(curves)
      .map(([id, name]) => `${id} is ${name}`)
      .join(', ')}. Default: those of OpenSSL.`,
  ),
  expects: `a list of the numbers ${Object.keys(curves).join(', ')}`,
  schema: {
    anyOf: [
      { type: 'array', items: { enum: Object.keys(curves).map(Number) } },
      { type: 'string' },
      { type: 'integer' },
    ],
  },
  read(value) {
    const ids = Array.isArray(value) ? value.map(String) : String(value).split(',');
    const names = ids.flatMap((id) => curves[id.trim()] ?? []);
    return names.length === ids.length ? names : undefined;
  },
};
