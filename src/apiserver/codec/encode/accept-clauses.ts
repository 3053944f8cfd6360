/**
 * The clauses of an Accept header in the order of preference, as Go's `goautoneg` reads them: what is no
 * media type is passed over.
 */

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

const noParams: ReadonlyMap<string, string> = new Map();

function clauseOf(text: string): AcceptClause | undefined {
  const end = text.indexOf(';');
  const range = end < 0 ? text : text.slice(0, end);
  const slash = range.indexOf('/');
  const type = (slash < 0 ? range : range.slice(0, slash)).trim();
  const subType = slash < 0 ? (type === '*' ? '*' : '') : range.slice(slash + 1).trim();
  if (subType === '' || subType.includes('/')) return undefined;
  if (end < 0) return { type, subType, quality: 1, params: noParams };
  const params = new Map<string, string>();
  let quality = 1;
  for (const param of text.slice(end + 1).split(';')) {
    const [name = '', value = '', ...others] = param.split('=').map((part) => part.trim());
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
