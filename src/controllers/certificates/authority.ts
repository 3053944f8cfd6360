/** The cluster's certificate authority, as the controllers of signing requests use it. */

/** What a certificate signing request asks for. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

export interface CertificateAuthority {
  /** Rejects a PEM that is no request, or that is not signed by the request's own key. */
  read(requestPem: string): Promise<CertificateRequest>;
  /** A certificate for the request's subject, names and key. PEM. `usages` by their names in the API. */
  sign(requestPem: string, usages: readonly string[], lifeMs: number): Promise<string>;
}
