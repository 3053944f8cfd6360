/**
 * Authenticates by the headers of a proxy that has authenticated the user, such as an aggregating API server:
 * X-Remote-User and the like, from a connection with a client certificate of the front proxies' authority.
 */

import { unauthorized } from '#api/meta/status.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { ownValue } from '#base/own-value.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { setKey } from '#wire/json/value.ts';
import type { Authenticator } from '../contract/authentication.ts';
import { headersAfter, headerValues } from '../contract/header-values.ts';
import { type CertificateOptions, certificateHolders, commonNameOf } from './client-certificate.ts';
import { withAuthenticated } from './tokens/of-api-server.ts';

export interface FrontProxyHeaders {
  /** Common names of proxies; empty for any certificate of the authority. */
  readonly allowedNames: readonly string[];
  readonly username: readonly string[];
  readonly uid: readonly string[];
  readonly group: readonly string[];
  readonly extraPrefix: readonly string[];
}

export function frontProxyAuthenticator(
  certificates: CertificateOptions,
  headers: FrontProxyHeaders,
): Authenticator {
  const proxyOf = certificateHolders(certificates, commonNameOf);
  return {
    name: 'front-proxy',
    authenticate(request, { clientCertificate, clientChain }) {
      if (!clientCertificate || first(request, headers.username) === '') return undefined;
      const name = proxyOf(clientCertificate, clientChain);
      if (headers.allowedNames.length > 0 && !headers.allowedNames.includes(name)) throw unauthorized();
      return withAuthenticated(userOf(request, headers));
    },
  };
}

function userOf(request: ApiRequest, headers: FrontProxyHeaders): UserInfo {
  const uid = first(request, headers.uid);
  const extra: Record<string, readonly string[]> = {};
  for (const prefix of headers.extraPrefix) {
    for (const [key, values] of Object.entries(headersAfter(request, prefix.toLowerCase()))) {
      setKey(extra, key, [...(ownValue(extra, key) ?? []), ...values]);
    }
  }
  return {
    name: first(request, headers.username),
    ...(uid === '' ? {} : { uid }),
    groups: headers.group.flatMap((name) => valuesOf(request, name)),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

function first(request: ApiRequest, names: readonly string[]): string {
  return names.map((name) => headerValues(request, name.toLowerCase())[0] ?? '').find((value) => value) ?? '';
}

function valuesOf(request: ApiRequest, name: string): string[] {
  return headerValues(request, name.toLowerCase()).filter((value) => value !== '');
}
