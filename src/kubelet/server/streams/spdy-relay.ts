/**
 * Joins a caller's SPDY connection with the runtime's for one command. Bytes pass unchanged but for the frames
 * they come in, which are followed so that the session can be ended when the caller leaves in the middle.
 */

import type { Socket } from 'node:net';
import { closeGently, passOn } from '#host/http/splice.ts';
import { AbandonedCommand } from './abandoned-command.ts';
import { dataFrame, FrameReader, frameTypes, idOf } from './spdy-frames.ts';

/** A command has five: its error, stdin, stdout, stderr and resize. */
const streamsMax = 100;

/** `heads`: bytes read from each side before. */
export function relayCommand(
  caller: Socket,
  runtime: Socket,
  heads: { near: Uint8Array; far: Uint8Array },
): void {
  let abandoned: AbandonedCommand | undefined;
  const streamIds = new Set<number>();
  const toRuntime = new FrameReader({
    onData: (id, piece, flags) => write(runtime, caller, dataFrame(id, flags, piece)),
    onControl(type, frame) {
      if (type === frameTypes.synStream && streamIds.size < streamsMax) streamIds.add(idOf(frame));
      write(runtime, caller, frame);
    },
  });
  const fromRuntime = new FrameReader({
    onData() {},
    onControl: (type, frame) => type === frameTypes.ping && abandoned?.onPing(idOf(frame)),
  });
  const follow = (reader: FrameReader, chunk: Uint8Array) => {
    try {
      if (chunk.length > 0) reader.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    } catch {
      // A caller that sends an invalid frame is handled as one that has left; an invalid frame of the runtime ends both.
      if (reader === fromRuntime) runtime.destroy();
      caller.destroy();
    }
  };
  const leave = () => {
    abandoned ??= new AbandonedCommand(runtime, streamIds);
    closeGently(caller);
  };
  if (heads.far.length > 0) caller.write(heads.far);
  follow(fromRuntime, heads.far);
  follow(toRuntime, heads.near);
  runtime.on('data', (chunk: Buffer) => follow(fromRuntime, chunk));
  passOn(runtime, caller);
  caller.on('data', (chunk: Buffer) => abandoned || follow(toRuntime, chunk));
  for (const event of ['drain', 'close']) runtime.on(event, () => caller.resume());
  caller.on('error', () => undefined);
  for (const event of ['end', 'close']) caller.on(event, leave);
  if (caller.destroyed) leave();
}

function write(runtime: Socket, caller: Socket, frame: Buffer): void {
  if (runtime.writable && !runtime.write(frame)) caller.pause();
}
