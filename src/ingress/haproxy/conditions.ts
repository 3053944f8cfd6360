/** Conditions of routes as ACLs. A value is an ACL's only pattern, at the end of its line. */

import type { Condition, TextMatch } from '../model/model.ts';
import { isSafeName, word } from './text.ts';

/** What an ACL line says after its name, and whether the condition holds when the ACL does not. */
export interface Acl {
  readonly test: string;
  readonly isNegated?: boolean;
}

/** Undefined for a condition that no request can meet. */
export function aclOf(condition: Exclude<Condition, { on: 'share' }>): Acl | undefined {
  if (condition.on === 'method') return { test: `method -m str -- ${word(condition.method)}` };
  if (!isSafeName(condition.name)) return undefined;
  return textAcl(`${fetchOf[condition.on]}(${condition.name})`, condition.match);
}

/** Header values may be lists: `req.fhdr` has all of one header. */
const fetchOf = { header: 'req.fhdr', cookie: 'req.cook', query: 'url_param' } as const;

function textAcl(fetch: string, match: TextMatch): Acl {
  if ('present' in match) return { test: `${fetch} -m found` };
  if ('matches' in match) return { test: `${fetch} -m reg -- ${word(match.matches)}` };
  if ('isNot' in match) return { test: `${fetch} -m str -- ${word(match.isNot)}`, isNegated: true };
  return { test: `${fetch} -m str -- ${word(match.is)}` };
}
