/**
 * Joins two connections: bytes pass both ways, and everything that one side has sent reaches the other before
 * both are closed.
 */

import type { Socket } from 'node:net';

/** How long a side may be silent, or go on sending, after the other side has closed. */
const lingerMs = 10_000;

/** `heads`: bytes read from each side before. */
export function splice(near: Socket, far: Socket, heads: { near: Uint8Array; far: Uint8Array }): void {
  if (heads.near.length > 0) far.write(heads.near);
  if (heads.far.length > 0) near.write(heads.far);
  passOn(near, far);
  passOn(far, near);
}

/** One direction of `splice`. */
export function passOn(from: Socket, to: Socket): void {
  from.on('data', (chunk: Uint8Array) => {
    if (to.writable && !to.write(chunk)) from.pause();
  });
  // Once it is closed there is no point in waiting: its input is discarded.
  for (const event of ['drain', 'close']) to.on(event, () => from.resume());
  from.on('error', () => undefined);
  from.on('end', () => closeGently(to));
  from.on('close', () => closeGently(to));
  // The first connection was closed while the second was being opened.
  if (from.destroyed) closeGently(to);
}

/** `closeGently` as soon as nothing has arrived for a while; input until then is discarded. */
export function closeWhenQuiet(socket: Socket, quietMs = 1000): void {
  const close = () => closeGently(socket);
  const timer = setTimeout(close, lingerMs);
  socket.on('close', () => clearTimeout(timer));
  socket.setTimeout(quietMs, close);
  socket.resume();
}

/**
 * Sends what is left and the end. Then it reads and discards what the peer still sends: closing with unread
 * input would reset the connection, which takes from the peer what it has not read yet.
 */
export function closeGently(socket: Socket, closeAfterMs = lingerMs): void {
  if (socket.destroyed || socket.writableEnded) return;
  const cut = () => socket.destroy();
  socket.setTimeout(closeAfterMs, cut);
  socket.on('finish', () => {
    const timer = setTimeout(cut, closeAfterMs);
    socket.on('close', () => clearTimeout(timer));
  });
  socket.end();
  socket.resume();
}

/**
 * A peer that is done may reset the connection while we still write. Node would then drop the peer's bytes
 * that were not read yet: here a failed write is ignored, and a reset reads as the end.
 */
export function readToTheEnd(socket: Socket): void {
  const { _write, _writev, destroy } = socket;
  const write: Socket['_write'] = (chunk, encoding, done) =>
    _write.call(socket, chunk, encoding, () => done());
  const writev: NonNullable<Socket['_writev']> = (chunks, done) =>
    _writev!.call(socket, chunks, () => done());
  const readOn: Socket['destroy'] = (error) => {
    if (!error || socket.destroyed || socket.readableEnded) return destroy.call(socket);
    socket.push(null);
    return socket;
  };
  socket._write = write;
  if (_writev) socket._writev = writev;
  socket.destroy = readOn;
}
