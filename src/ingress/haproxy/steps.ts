/** What happens to a request between its route and an endpoint, as rules of the route's backend. */

import type { PathRewrite, RedirectTarget, Step } from '../model/model.ts';
import { format, formatText, isSafeName, regexText, word } from './text.ts';

/** `users` names the list of users of the backend. */
export function stepLines(step: Step, users: string): string[] {
  switch (step.do) {
    case 'redirect':
      return redirectLines(step);
    case 'allow sources':
      return [
        `acl allowed src ${step.cidrs.map(word).join(' ')}`,
        'http-request deny deny_status 403 unless allowed',
      ];
    case 'authenticate':
      return [
        `http-request auth realm ${word(headerText(step.realm).replaceAll('"', "'"))} unless { http_auth(${users}) }`,
      ];
    case 'limit body':
      return [`http-request deny deny_status 413 if { req.body_size gt ${step.bytesMax} }`];
    case 'refuse':
      return [`http-request deny deny_status ${step.status}`];
    case 'rewrite path':
      return rewriteLines(step.rewrite);
    default:
      return headerLines(step);
  }
}

const headerActions = {
  'set header': 'set-header',
  'add header': 'add-header',
  'remove header': 'del-header',
};

function headerLines(step: Extract<Step, { of: unknown }>): string[] {
  if (!isSafeName(step.name)) return [];
  const value = step.do === 'remove header' ? '' : ` ${format(headerText(step.value))}`;
  return [`http-${step.of} ${headerActions[step.do]} ${word(step.name)}${value}`];
}

/** A line end would begin a header of the user's own. */
function headerText(value: string): string {
  return value.replace(/\p{Cc}/gu, ' ').trim();
}

function rewriteLines(rewrite: PathRewrite): string[] {
  if ('regex' in rewrite) {
    return [`http-request replace-path ${word(`(?i)^${rewrite.regex}`)} ${word(references(rewrite.target))}`];
  }
  if ('full' in rewrite) return [`http-request set-path ${format(rewrite.full || '/')}`];
  const prefix = rewrite.prefix.replace(/\/$/, '');
  const by = rewrite.by.replace(/\/$/, '');
  const whole = `{ var(txn.path) -m str ${word(prefix || '/')} }`;
  const rest = `http-request replace-path ${word(`^${regexText(prefix)}/(.*)$`)} ${word(`${literal(by)}/\\1`)}`;
  return [`${rest} if !${whole}`, `http-request set-path ${format(by || '/')} if ${whole}`];
}

/** nginx's `$1` as HAProxy's `\1`. */
function references(target: string): string {
  return literal(target).replace(/\$(\d)/g, '\\$1');
}

/** Literal text in the replacement of a regular expression. */
function literal(text: string): string {
  return formatText(text).replaceAll('\\', '\\\\');
}

function redirectLines({ code, to, onlyPlain }: Extract<Step, { do: 'redirect' }>): string[] {
  const condition = onlyPlain ? ' if !{ ssl_fc }' : '';
  if ('url' in to) {
    return [`http-request redirect code ${code} location ${format(headerText(to.url))}${condition}`];
  }
  const rewrites = to.path ? rewriteLines(to.path) : [];
  return [...rewrites, `http-request redirect code ${code} location ${locationOf(to)}${condition}`];
}

function locationOf({ scheme, host, port }: Exclude<RedirectTarget, { url: string }>): string {
  const begin = scheme ?? '%[ssl_fc,iif(https,http)]';
  const name = host === undefined ? '%[var(txn.host)]' : format(host);
  return `${begin}://${name}${port === undefined ? '' : `:${port}`}%[pathq]`;
}
