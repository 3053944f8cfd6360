/** What a TLS connection says about who is at its other end; one object per connection. */

import type { TLSSocket } from 'node:tls';
import type { Peer, Reading } from '../contract/authentication.ts';

const peers = new WeakMap<object, Peer>();

export function peerOf(socket: TLSSocket): Peer {
  const known = peers.get(socket);
  if (known) return known;
  const shown = socket.getPeerX509Certificate()?.raw;
  const certificate = socket.authorized ? shown : undefined;
  const remoteAddress = socket.remoteAddress;
  const peer: Peer = {
    ...(certificate ? { clientCertificate: certificate } : {}),
    ...(shown && !certificate ? { hasBadCertificate: true } : {}),
    ...(remoteAddress ? { remoteAddress } : {}),
    ...(socket.alpnProtocol === 'h2' ? {} : { reading: readingOf(socket) }),
  };
  peers.set(socket, peer);
  return peer;
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
