/** The clauses of an Accept header in the order of preference, as Go's `goautoneg` reads them: what is no media type is passed over. */

export interface AcceptClause {
  readonly type: string;
  readonly subType: string;
  readonly quality: number;
  readonly params: ReadonlyMap<string, string>;
}

export function parseAccept(header: string): AcceptClause[] {
  const clauses = header.split(',').flatMap((part) => clauseOf(part.trim()) ?? []);
  return clauses.sort((a, b) => b.quality - a.quality || wildcards(a) - wildcards(b));
}

function clauseOf(text: string): AcceptClause | undefined {
  const [range = '', ...rest] = text.split(';');
  const [type = '', subType = type === '*' ? '*' : '', ...more] = range.split('/').map((one) => one.trim());
  if (subType === '' || more.length > 0) return undefined;
  const params = new Map<string, string>();
  let quality = 1;
  for (const param of rest) {
    const [name = '', value = '', ...others] = param.split('=').map((one) => one.trim());
    if (value === '' || others.length > 0) continue;
    if (name === 'q') quality = Number.parseFloat(value) || 0;
    else params.set(name, value);
  }
  return { type, subType, quality, params };
}

/** The more particular clause comes first. */
function wildcards({ type, subType }: AcceptClause): number {
  return (type === '*' ? 2 : 0) + (subType === '*' ? 1 : 0);
}
