/** How an authenticator turns the credentials of a request into a user. */

import type { UserInfo } from '#api/meta/user.ts';
import type { ApiRequest } from '#client/transport/transport.ts';

/** What the connection knows beside the request itself. */
export interface Peer {
  /** DER of the verified client certificate. */
  readonly clientCertificate?: Uint8Array;
  /**
   * A client certificate was shown that no authority of the cluster signed: such a caller is not even
   * anonymous.
   */
  readonly hasBadCertificate?: boolean;
  readonly remoteAddress?: string;
}

/**
 * Returns undefined when these credentials are not its own; throws a 401 StatusError when they are and are
 * bad.
 */
export interface Authenticator {
  readonly name: string;
  authenticate(request: ApiRequest, peer: Peer): Promise<UserInfo | undefined> | UserInfo | undefined;
}
