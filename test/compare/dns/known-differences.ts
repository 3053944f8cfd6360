/** Where kybern's DNS answers otherwise than CoreDNS on purpose, or for the sake of this comparison. */

interface Difference {
  readonly why: string;
  readonly name: RegExp;
  readonly types?: readonly string[];
}

const differences: readonly Difference[] = [
  {
    why: 'a name that exists, or has names below it, exists for every type (RFC 8020)',
    name: /^((svc|pod|(default|empty)\.(svc|pod)|dns|ns\.dns|dns-version)\.)?cluster\.local$/,
  },
  { why: 'a name that does not exist does not exist for SOA', name: /cluster\.local$/i, types: ['SOA'] },
  { why: 'a pod has no ports', name: /\.pod\.cluster\.local$/, types: ['SRV'] },
  { why: 'owners are shortened into the question, and have its case', name: /[A-Z]/, types: ['SRV'] },
  { why: 'the reverse zones have no SOA and NS records here', name: /^(in-addr|ip6)\.arpa$/ },
  { why: 'transfers are refused for every name', name: /./, types: ['AXFR', 'SOA'] },
];

export function knownDifference(name: string, type: string): string | undefined {
  return differences.find((known) => known.name.test(name) && (known.types?.includes(type) ?? true))?.why;
}
