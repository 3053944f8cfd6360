/**
 * The connections of a listener that have not finished their TLS handshake. Each peer has so many; for one more, its oldest is
 * closed: who only connects keeps no place from a caller that means to speak.
 */

import type { Socket } from 'node:net';
import { placeOf } from './connections.ts';
import type { HttpLimits } from './limits.ts';

export class SilentConnections {
  readonly #perPeerMax: number;
  /** By peer and place, the oldest first: TLS makes another object of a socket, at the same place. */
  readonly #ofPeer = new Map<string, Map<string, Socket>>();

  constructor({ silentPerPeerMax }: Pick<HttpLimits, 'silentPerPeerMax'>) {
    this.#perPeerMax = silentPerPeerMax;
  }

  add(socket: Socket): void {
    const { remoteAddress: peer = '' } = socket;
    const place = placeOf(socket);
    const held = this.#ofPeer.get(peer) ?? new Map<string, Socket>();
    this.#ofPeer.set(peer, held.set(place, socket));
    socket.once('close', () => this.#forget(peer, place, socket));
    if (held.size > this.#perPeerMax) {
      const [oldest] = held;
      this.#forget(peer, ...oldest!);
      oldest![1].destroy();
    }
  }

  /** Its handshake is done. */
  remove(socket: Socket): void {
    this.#forget(socket.remoteAddress ?? '', placeOf(socket));
  }

  /** Given the socket, only when it is still the one at its place: a port is soon used again. */
  #forget(peer: string, place: string, socket?: Socket): void {
    const held = this.#ofPeer.get(peer);
    if (!held || (socket && held.get(place) !== socket)) return;
    held.delete(place);
    if (held.size === 0) this.#ofPeer.delete(peer);
  }
}
