/**
 * The streams of a running command, wherever it runs: at the runtime's own streaming server or in this
 * process.
 */

export interface StreamRequest {
  containerId: string;
  command: string[];
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** One running command (or attachment) with its streams. */
export interface RemoteSession {
  /** False when it is full: go on after `onDrain`. */
  writeStdin(chunk: Uint8Array): boolean;
  closeStdin(): void;
  resize(width: number, height: number): void;
  /** Holds its output back. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface RemoteSessionHandlers {
  onStdout(chunk: Uint8Array): void;
  onStderr(chunk: Uint8Array): void;
  onDrain?(): void;
  /** A `Status` object as JSON; the session is over. */
  onEnd(status: string): void;
}

/** A streaming URL of the runtime's own server, or a session in this process. */
export type StreamTarget =
  | {
      readonly kind: 'url';
      readonly url: string;
      /** A command is run for this session alone: it ends when its stdin has ended and its output is read. */
      readonly runsCommand: boolean;
    }
  | { readonly kind: 'session'; open(handlers: RemoteSessionHandlers): RemoteSession };
