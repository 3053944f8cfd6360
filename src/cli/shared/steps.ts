/** Shows the steps of a start as they arrive over the IPC channel, each with its duration. */

import { Listr } from 'listr2';

export type StepMessage =
  /** The first message: all steps. */
  | { readonly type: 'plan'; readonly steps: readonly string[] }
  | { readonly type: 'done'; readonly step: string; readonly durationMs: number }
  | { readonly type: 'warning'; readonly text: string }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string; readonly hint?: string };

export interface Failure {
  readonly message: string;
  readonly hint?: string;
}

/** Output of the steps; on a terminal it is redrawn, in a file it is appended. */
interface Display {
  done(step: string, durationMs: number): void;
  /** Resolves when everything has been shown; a failure marks the running step. */
  end(failure?: Failure): Promise<void>;
}

/** Ends at `ready` (undefined), at `failed`, or when the process ends without a message. */
export async function showSteps(
  messages: ReadableStream<StepMessage>,
  warn: (text: string) => void,
): Promise<Failure | undefined> {
  const warnings: string[] = [];
  let display: Display | undefined;
  let failure: Failure | undefined = { message: 'the process ended while it was starting' };
  for await (const message of messages) {
    if (message.type === 'plan') {
      display = process.stdout.isTTY ? moving(message.steps) : growing(message.steps);
    }
    if (message.type === 'done') display?.done(message.step, message.durationMs);
    if (message.type === 'warning') warnings.push(message.text);
    if (message.type === 'failed') failure = message;
    if (message.type === 'ready') failure = undefined;
    if (message.type === 'ready' || message.type === 'failed') break;
  }
  await display?.end(failure);
  // A terminal's display is redrawn: permanent lines are printed below it.
  for (const text of warnings) warn(text);
  return failure;
}

function moving(steps: readonly string[]): Display {
  const waiting = new Map<string, PromiseWithResolvers<number>>();
  const tasks = steps.map((title) => {
    const done = Promise.withResolvers<number>();
    done.promise.catch(() => undefined);
    waiting.set(title, done);
    return {
      title,
      task: async (_: unknown, task: { title: string }) => {
        task.title = withTime(title, await done.promise);
      },
    };
  });
  const shown = new Listr(tasks, { concurrent: false }).run();
  return {
    done: (step, durationMs) => waiting.get(step)?.resolve(durationMs),
    async end(failure) {
      for (const step of waiting.values()) step.reject(new Error(failure?.message));
      await shown.catch(() => undefined);
    },
  };
}

function growing(steps: readonly string[]): Display {
  const left = [...steps];
  return {
    done(step, durationMs) {
      left.splice(left.indexOf(step), 1);
      console.log(`✔ ${withTime(step, durationMs)}`);
    },
    async end(failure) {
      if (failure && left[0]) console.log(`✖ ${left[0]}`);
    },
  };
}

function withTime(step: string, durationMs: number): string {
  const time = durationMs < 1000 ? `${Math.ceil(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`;
  return `${step} [${time}]`;
}
