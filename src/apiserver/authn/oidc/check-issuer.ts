/** Validates the `issuer` section of a JWT authenticator: URLs, audiences and certificate authority. */

import { X509Certificate } from 'node:crypto';
import type { JwtIssuer } from './configuration.ts';
import type { Findings } from './findings.ts';

export function checkIssuer(
  issuer: JwtIssuer['issuer'],
  findings: Findings,
  disallowed: readonly string[],
): void {
  const { url, discoveryURL, audiences, audienceMatchPolicy, certificateAuthority, egressSelectorType } =
    issuer;
  if (url === '') findings.required('issuer.url');
  else checkUrl(findings, 'issuer.url', url, disallowed);
  if (discoveryURL !== '') {
    if (url !== '' && withoutSlashes(url) === withoutSlashes(discoveryURL)) {
      findings.invalid('issuer.discoveryURL', discoveryURL, 'discoveryURL must be different from URL');
    }
    checkUrl(findings, 'issuer.discoveryURL', discoveryURL, []);
  }
  checkAudiences(findings, audiences, audienceMatchPolicy);
  if (certificateAuthority !== '') checkAuthority(findings, certificateAuthority);
  if (egressSelectorType !== '') {
    const why = 'kybern has no egress selectors: remove the field';
    findings.invalid('issuer.egressSelectorType', egressSelectorType, why);
  }
}

function checkUrl(findings: Findings, field: string, text: string, disallowed: readonly string[]): void {
  if (disallowed.includes(text)) {
    const all = [...disallowed].sort().join(' ');
    findings.invalid(field, text, `URL must not overlap with disallowed issuers: [${all}]`);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') {
    findings.invalid(field, text, 'URL scheme must be https');
    return;
  }
  if (url.username !== '' || url.password !== '') {
    findings.invalid(field, text, 'URL must not contain a username or password');
  }
  if (url.search !== '') findings.invalid(field, text, 'URL must not contain a query');
  if (url.hash !== '') findings.invalid(field, text, 'URL must not contain a fragment');
}

function checkAudiences(findings: Findings, audiences: readonly string[], policy: string): void {
  const field = 'issuer.audiences';
  if (audiences.length === 0) {
    findings.required(field, `at least one ${findings.pathOf(field)} is required`);
    return;
  }
  for (const [index, audience] of audiences.entries()) {
    if (audience === '') findings.required(`${field}[${index}]`);
    if (audiences.indexOf(audience) < index) {
      findings.duplicate(`${field}[${index}]`, audience);
    }
  }
  if (policy === 'MatchAny') return;
  if (audiences.length > 1) {
    const why = 'audienceMatchPolicy must be MatchAny for multiple audiences';
    findings.invalid('issuer.audienceMatchPolicy', policy, why);
  } else if (policy !== '') {
    const why = 'audienceMatchPolicy must be empty or MatchAny for single audience';
    findings.invalid('issuer.audienceMatchPolicy', policy, why);
  }
}

function checkAuthority(findings: Findings, pem: string): void {
  try {
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate');
    new X509Certificate(pem);
  } catch {
    const why = 'data does not contain any valid RSA or ECDSA certificates';
    findings.invalid('issuer.certificateAuthority', '<omitted>', why);
  }
}

function withoutSlashes(url: string): string {
  return url.replace(/\/+$/, '');
}
