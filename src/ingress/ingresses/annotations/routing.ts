/** `use-regex`, `rewrite-target`, `app-root`, redirects, `ssl-redirect`, `upstream-vhost`, `x-forwarded-prefix`. */

import type { Step } from '../../model/model.ts';
import type { PolicyPart } from './policy.ts';
import type { AnnotationReader } from './reader.ts';

export function routing(read: AnnotationReader): PolicyPart {
  const target = read.text('rewrite-target');
  const always = read.flag('force-ssl-redirect');
  const usual = read.flag('ssl-redirect');
  const redirectsToTls = always === true ? true : usual === false ? false : undefined;
  return {
    redirects: redirectsOf(read),
    changes: changesOf(read),
    hasRegexPaths: read.flag('use-regex') ?? target !== undefined,
    ...(target === undefined ? {} : { rewriteTarget: target }),
    ...(redirectsToTls === undefined ? {} : { redirectsToTls }),
  };
}

function redirectsOf(read: AnnotationReader): Step[] {
  const permanent = read.text('permanent-redirect');
  if (permanent !== undefined) {
    return [redirect(read, 'permanent-redirect', permanent, codeOf(read, 'permanent-redirect-code', 301))];
  }
  const temporal = read.text('temporal-redirect');
  if (temporal === undefined) return [];
  return [redirect(read, 'temporal-redirect', temporal, codeOf(read, 'temporal-redirect-code', 302))];
}

function redirect(read: AnnotationReader, name: string, url: string, code: number): Step {
  if (!/^https?:\/\/[^\s]+$/.test(url)) throw read.bad(name, 'must be a URL');
  return { do: 'redirect', code, to: { url } };
}

const redirectCodes = [301, 302, 303, 307, 308];

function codeOf(read: AnnotationReader, name: string, usual: number): number {
  const code = read.count(name, 399) ?? usual;
  if (!redirectCodes.includes(code)) throw read.bad(name, `must be one of ${redirectCodes.join(', ')}`);
  return code;
}

function changesOf(read: AnnotationReader): Step[] {
  const host = read.text('upstream-vhost');
  const prefix = read.text('x-forwarded-prefix');
  const set = (name: string, value: string): Step => ({ do: 'set header', of: 'request', name, value });
  return [
    ...(host === undefined ? [] : [set('Host', host)]),
    ...(prefix === undefined ? [] : [set('X-Forwarded-Prefix', prefix)]),
  ];
}
