/** Why a TLS handshake failed, in the words of Go's `crypto/tls` and `crypto/x509`. */

interface TlsError extends Error {
  readonly code?: string;
  /** Of a certificate that is not for this host. */
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } };
}

const unknownAuthority = 'certificate signed by unknown authority';

const certificateFaults: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: 'certificate has expired or is not yet valid: ',
  CERT_NOT_YET_VALID: 'certificate has expired or is not yet valid: ',
  INVALID_CA: 'invalid signature: parent certificate cannot sign this kind of certificate',
  INVALID_PURPOSE: 'certificate specifies an incompatible key usage',
};

/** What the other end says when it ends the handshake. */
const alerts: Readonly<Record<string, string>> = {
  BAD_CERTIFICATE: 'bad certificate',
  CERTIFICATE_REQUIRED: 'certificate required',
  HANDSHAKE_FAILURE: 'handshake failure',
  INTERNAL_ERROR: 'internal error',
  PROTOCOL_VERSION: 'protocol version not supported',
  UNKNOWN_CA: 'unknown certificate authority',
  UNRECOGNIZED_NAME: 'unrecognized name',
};

/** Undefined for an error that is not about TLS. */
export function tlsErrorInGoWords(error: TlsError): string | undefined {
  const { code = '' } = error;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return unverified(wrongHost(error));
  const fault = certificateFaults[code];
  if (fault !== undefined) return unverified(fault);
  if (!code.startsWith('ERR_SSL_')) return undefined;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return 'http: server gave HTTP response to HTTPS client';
  }
  const alert = Object.keys(alerts).find((name) => code.endsWith(`_ALERT_${name}`));
  return alert ? `remote error: tls: ${alerts[alert]}` : `tls: ${error.message}`;
}

function unverified(why: string): string {
  return `tls: failed to verify certificate: x509: ${why}`;
}

function wrongHost({ host = '', cert }: TlsError): string {
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  const kind = isAddress ? 'IP Address:' : 'DNS:';
  const names = (cert?.subjectaltname ?? '')
    .split(', ')
    .filter((name) => name.startsWith(kind))
    .map((name) => name.slice(kind.length));
  if (names.length > 0) return `certificate is valid for ${names.join(', ')}, not ${host}`;
  if (isAddress) return `cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  if (!cert?.subjectaltname && cert?.subject?.CN) {
    return 'certificate relies on legacy Common Name field, use SANs instead';
  }
  return `certificate is not valid for any names, but wanted to match ${host}`;
}
