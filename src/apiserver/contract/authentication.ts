/** How an authenticator turns the credentials of a request into a user. */

import type { UserInfo } from '#api/meta/user.ts';
import type { ApiRequest } from '#client/transport/transport.ts';

/** Reading from a connection: while it is paused, what the client sends waits in the kernel. */
export interface Reading {
  pause(): void;
  resume(): void;
}

/** What the connection knows beside the request itself. */
export interface Peer {
  /** Absent for a connection that carries several requests at the same time. */
  readonly reading?: Reading;
  /** DER of the verified client certificate. */
  readonly clientCertificate?: Uint8Array;
  /** DER of the authorities between it and the cluster's, which the client has sent along. */
  readonly clientChain?: readonly Uint8Array[];
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
  authenticate(
    request: ApiRequest,
    peer: Peer,
    /** Sends the caller a warning beside the answer. */
    warn?: (text: string) => void,
  ): Promise<UserInfo | undefined> | UserInfo | undefined;
}

/** Whom a token names, and for which of the wanted audiences. */
export interface KnownToken {
  readonly user: UserInfo;
  readonly audiences: readonly string[];
  /** For the caller. */
  readonly warning?: string;
}

/** A token is of this authenticator's kind, and is bad: the message is upstream's. */
export class BadToken extends Error {
  override name = 'BadToken';
}

/** One kind of bearer token. */
export interface TokenAuthenticator {
  readonly name: string;
  /** Undefined: not of this kind. Throws `BadToken`. */
  authenticate(
    token: string,
    audiences: readonly string[],
  ): Promise<KnownToken | undefined> | KnownToken | undefined;
}
