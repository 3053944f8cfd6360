/**
 * Pulls an image as the kubelet does, through the runtime interface: with its hosts.toml files, and with the password in
 * the message.
 */

import { ContainerdApi } from './api.ts';
import { PullCourse, type PullProgress } from './pull-progress.ts';
import { PullWatch } from './pull-watch.ts';

/** A name and password, or a token in their place. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
  /** The only server that is given them: `https://mirror.example.com:5000`. */
  readonly serverAddress: string;
}

export interface PullOptions {
  readonly login?: RegistryLogin | undefined;
  /** Called about twice a second while layers are being read. */
  readonly onProgress: (progress: PullProgress) => void;
}

const pull = {
  path: '/runtime.v1.ImageService/PullImage',
  request: 'PullImageRequest',
  response: 'PullImageResponse',
};
const lookMs = 500;

/** `name`: a full name. Rejects with containerd's reason, or with why the pull was ended here. */
export async function pullImage(
  socket: string,
  name: string,
  { login, onProgress }: PullOptions,
): Promise<void> {
  const api = new ContainerdApi(socket);
  const ended = new AbortController();
  const stop = watch(new PullWatch(socket, name), onProgress, (problem) => ended.abort(problem));
  try {
    const request = { image: { image: name }, ...(login ? { auth: login } : {}) };
    await api.call(pull, request, { timeoutMs: Number.POSITIVE_INFINITY, signal: ended.signal });
  } catch (error) {
    throw ended.signal.aborted ? new Error(`failed to pull image "${name}": ${ended.signal.reason}`) : error;
  } finally {
    stop();
    api.close();
  }
}

/** Asks again when the last answer has been given: a slow containerd is not asked more often than it answers. */
function watch(
  pullWatch: PullWatch,
  onProgress: (progress: PullProgress) => void,
  onProblem: (problem: string) => void,
): () => void {
  const course = new PullCourse(performance.now());
  let timer: NodeJS.Timeout;
  let isStopped = false;
  const look = async () => {
    try {
      const found = await pullWatch.look();
      if (found.progress && !isStopped) onProgress(found.progress);
      const problem = await course.problem(found, performance.now(), () => pullWatch.isUnpacking());
      if (problem !== undefined && !isStopped) onProblem(problem);
    } catch {
      // What cannot be shown: the pull itself says whether it fails.
    }
    if (!isStopped) timer = setTimeout(look, lookMs);
  };
  timer = setTimeout(look, lookMs);
  return () => {
    isStopped = true;
    clearTimeout(timer);
    pullWatch.close();
  };
}
