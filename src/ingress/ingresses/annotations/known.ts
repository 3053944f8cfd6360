/** Which annotations are read, and which must not be ignored: without them more would be allowed than was asked for. */

import type { AnnotationReader } from './reader.ts';

const read = new Set(
  (
    'use-regex rewrite-target ssl-redirect force-ssl-redirect permanent-redirect permanent-redirect-code ' +
    'temporal-redirect temporal-redirect-code upstream-vhost x-forwarded-prefix proxy-body-size proxy-connect-timeout ' +
    'proxy-read-timeout proxy-send-timeout limit-rps limit-rpm limit-connections limit-burst-multiplier ' +
    'whitelist-source-range allowlist-source-range backend-protocol proxy-ssl-name affinity affinity-mode ' +
    'session-cookie-name session-cookie-path session-cookie-max-age auth-type auth-secret auth-secret-type auth-realm ' +
    'canary canary-weight canary-weight-total canary-by-header canary-by-header-value canary-by-header-pattern ' +
    'canary-by-cookie'
  ).split(' '),
);

const guards =
  /^(.*-snippet|auth-url|auth-tls-.*|auth-(?!type|secret|realm).*|denylist-source-range|enable-modsecurity|enable-owasp.*|enable-global-auth|proxy-ssl-verify|proxy-ssl-secret|satisfy)$/;

export interface UnreadAnnotations {
  /** Left out, with a warning. */
  readonly ignored: readonly string[];
  /** Those for which the whole Ingress is left out. */
  readonly refused: readonly string[];
}

export function unreadAnnotations(reader: AnnotationReader): UnreadAnnotations {
  const unread = reader.names().filter((name) => !read.has(name));
  return {
    ignored: unread.filter((name) => !guards.test(name)),
    refused: unread.filter((name) => guards.test(name)),
  };
}
