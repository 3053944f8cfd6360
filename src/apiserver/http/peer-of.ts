/** What a TLS connection says about who is at its other end; one object per connection. */

import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Peer, Reading } from '../contract/authentication.ts';

const peers = new WeakMap<object, Peer>();

export function peerOf(socket: TLSSocket): Peer {
  const known = peers.get(socket);
  if (known) return known;
  const own = socket.getPeerX509Certificate();
  const shown = own?.raw;
  const certificate = socket.authorized ? shown : undefined;
  const remoteAddress = socket.remoteAddress;
  const peer: Peer = {
    ...(certificate ? { clientCertificate: certificate, clientChain: chainBehind(own) } : {}),
    ...(shown && !certificate ? { hasBadCertificate: true } : {}),
    ...(remoteAddress ? { remoteAddress } : {}),
    ...(socket.alpnProtocol === 'h2' ? {} : { reading: readingOf(socket) }),
  };
  peers.set(socket, peer);
  return peer;
}

/** Upstream's bound of a chain. */
const chainMax = 100;

/** What stands behind the certificate: the authorities that the client has sent, and what they lead to. */
function chainBehind(own: X509Certificate | undefined): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let issuer = own?.issuerCertificate;
  while (issuer && chain.length < chainMax) {
    chain.push(issuer.raw);
    issuer = issuer.issuerCertificate;
  }
  return chain;
}

export interface ReadableSocket extends TLSSocket {
  /** Set by Node while answers wait to be taken: its parser is stopped too, and would fail at further bytes. */
  readonly _paused?: boolean;
}

/** Unless Node has stopped it: then Node resumes it. */
export function resumeReading(socket: ReadableSocket): void {
  if (!socket._paused) socket.resume();
}

function readingOf(socket: ReadableSocket): Reading {
  return {
    pause: () => void socket.pause(),
    resume: () => resumeReading(socket),
  };
}
