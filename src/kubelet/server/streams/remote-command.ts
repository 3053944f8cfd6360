/**
 * A running command at the runtime's streaming server, over SPDY: the only protocol there that can end its
 * stdin.
 */

import { openUpgraded } from '#host/http/upgrade.ts';
import type { RemoteSession, RemoteSessionHandlers, StreamTarget } from '../../runtime/remote-session.ts';
import { type SpdyConnection, type SpdyEvents, type SpdyStream, spdyClient } from './spdy.ts';

export interface StreamOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** The reported end of a session that did not end with the command: it has no exit code. */
export function failedSession(message: string): string {
  const text = `Internal error occurred: ${message}`;
  const details = { causes: [{ message }] };
  return JSON.stringify({
    metadata: {},
    status: 'Failure',
    message: text,
    reason: 'InternalError',
    details,
    code: 500,
  });
}

export async function openSession(
  target: StreamTarget,
  options: StreamOptions,
  handlers: RemoteSessionHandlers,
): Promise<RemoteSession> {
  if (target.kind === 'session') return target.open(handlers);
  const { socket, head } = await openUpgraded(target.url, {
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    'x-stream-protocol-version': 'v4.channel.k8s.io',
  });
  const connect = (events: SpdyEvents) => spdyClient(socket, head, events);
  return openStreams(connect, options, handlers, target.runsCommand);
}

async function openStreams(
  connect: (events: SpdyEvents) => SpdyConnection,
  options: StreamOptions,
  handlers: RemoteSessionHandlers,
  runsCommand: boolean,
): Promise<RemoteSession> {
  let status = '';
  let over = false;
  const open = new Set<string>();
  const finish = () => {
    if (over) return;
    over = true;
    handlers.onEnd(status || failedSession('the runtime ended the session without a word about the command'));
    connection.close();
  };
  const connection = connect({ onDrain: () => handlers.onDrain?.(), onClose: finish });
  const stream = (name: string, onData: (chunk: Uint8Array) => void): Promise<SpdyStream> => {
    if (name !== 'stdin' && name !== 'resize') open.add(name);
    return connection.open(
      { streamtype: name },
      {
        onData,
        onEnd() {
          open.delete(name);
          if (open.size === 0) finish();
        },
      },
    );
  };
  await stream('error', (chunk) => {
    status += Buffer.from(chunk).toString();
  });
  const stdin = options.stdin ? await stream('stdin', () => undefined) : undefined;
  if (options.stdout) await stream('stdout', (chunk) => handlers.onStdout(chunk));
  if (options.stderr && !options.tty) await stream('stderr', (chunk) => handlers.onStderr(chunk));
  const resize = options.tty ? await stream('resize', () => undefined) : undefined;
  return {
    writeStdin: (chunk) => stdin?.write(chunk) ?? true,
    closeStdin: () => stdin?.end(),
    resize: (Width, Height) => void resize?.write(Buffer.from(JSON.stringify({ Width, Height }))),
    pause: () => connection.pause(),
    resume: () => connection.resume(),
    close() {
      if (runsCommand) return connection.abandon();
      stdin?.end();
      if (stdin) connection.closeWhenQuiet();
      else connection.cut();
    },
  };
}
