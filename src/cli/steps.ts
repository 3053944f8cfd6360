/** Shows the steps of a start as they come over the IPC channel, each with how long it took. */

import { Listr, PRESET_TIMER } from 'listr2';

export type StepMessage =
  /** First of all: what will be done. */
  | { readonly type: 'plan'; readonly steps: readonly string[] }
  | { readonly type: 'done'; readonly step: string }
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string; readonly hint?: string };

export interface Failure {
  readonly message: string;
  readonly hint?: string;
}

/** Ends at `ready` (undefined), at `failed`, or when the process ends without a word. */
export async function showSteps(messages: ReadableStream<StepMessage>): Promise<Failure | undefined> {
  const waiting = new Map<string, { resolve(): void; reject(error: Error): void }>();
  let shown: Promise<unknown> = Promise.resolve();
  let end: Failure | 'ready' = { message: 'the process ended while it was starting' };
  for await (const message of messages) {
    if (message.type === 'plan') shown = show(message.steps, waiting);
    if (message.type === 'done') waiting.get(message.step)?.resolve();
    if (message.type === 'failed') end = message;
    if (message.type === 'ready') end = 'ready';
    if (message.type === 'ready' || message.type === 'failed') break;
  }
  if (end === 'ready') {
    await shown;
    return undefined;
  }
  for (const one of waiting.values()) one.reject(new Error(end.message));
  await shown.catch(() => undefined);
  return end;
}

function show(
  steps: readonly string[],
  waiting: Map<string, { resolve(): void; reject(error: Error): void }>,
): Promise<unknown> {
  const tasks = steps.map((title) => {
    const done = new Promise<void>((resolve, reject) => waiting.set(title, { resolve, reject }));
    done.catch(() => undefined);
    return { title, task: () => done };
  });
  return new Listr(tasks, {
    concurrent: false,
    rendererOptions: { timer: PRESET_TIMER },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
}
