/** Remote sessions without a process behind them: they send their output, and end. */

import type { RemoteSession, RemoteSessionHandlers, StreamTarget } from '../runtime/remote-session.ts';
import type { ExecResult } from '../runtime/runtime.ts';

export function commandSession(run: () => ExecResult): StreamTarget {
  return sessionOf((handlers) => {
    const { stdout, stderr, exitCode } = run();
    if (stdout.length > 0) handlers.onStdout(stdout);
    if (stderr.length > 0) handlers.onStderr(stderr);
    handlers.onEnd(exitStatus(exitCode));
  });
}

export function textSession(text: string): StreamTarget {
  return sessionOf((handlers) => {
    if (text !== '') handlers.onStdout(Buffer.from(text));
    handlers.onEnd(exitStatus(0));
  });
}

/** `speak` is called in the next turn, when the caller holds the session. */
function sessionOf(speak: (handlers: RemoteSessionHandlers) => void): StreamTarget {
  return {
    kind: 'session',
    open(handlers) {
      queueMicrotask(() => speak(handlers));
      return silentSession;
    },
  };
}

/** Takes everything, and says nothing. */
export const silentSession: RemoteSession = {
  writeStdin: () => true,
  closeStdin() {},
  resize() {},
  pause() {},
  resume() {},
  close() {},
};

function exitStatus(exitCode: number): string {
  if (exitCode === 0) return JSON.stringify({ metadata: {}, status: 'Success' });
  return JSON.stringify({
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  });
}
