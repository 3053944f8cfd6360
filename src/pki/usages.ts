/** The usages of a key that the API names, as the two extensions of a certificate have them. */

/** Bits of KeyUsage, the highest of the first byte being 0x80 of 0x8000. */
const keyUsages: Readonly<Record<string, number>> = {
  signing: 0x8000,
  'digital signature': 0x8000,
  'content commitment': 0x4000,
  'key encipherment': 0x2000,
  'data encipherment': 0x1000,
  'key agreement': 0x0800,
  'cert sign': 0x0400,
  'crl sign': 0x0200,
  'encipher only': 0x0100,
  'decipher only': 0x0080,
};

/** In the order in which upstream writes them. */
const extendedUsages: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

/** Throws for a usage without a meaning. */
export function usagesOf(usages: readonly string[]): {
  readonly keyUsage: Uint8Array;
  readonly extendedUsages: readonly string[];
} {
  const unknown = usages.filter((usage) => !(usage in keyUsages) && !(usage in extendedUsages));
  if (unknown.length > 0) {
    throw new Error(
      `unrecognized usage values: [${unknown.map((usage) => JSON.stringify(usage)).join(' ')}]`,
    );
  }
  const bits = usages.reduce((all, usage) => all | (keyUsages[usage] ?? 0), 0);
  const bytes = bits & 0xff ? [bits >> 8, bits & 0xff] : bits ? [bits >> 8] : [];
  const asked = Object.entries(extendedUsages).filter(([usage]) => usages.includes(usage));
  return { keyUsage: Uint8Array.from(bytes), extendedUsages: [...new Set(asked.map(([, id]) => id))] };
}
