/**
 * The claims that are prepared on this node, in memory and in `dra_manager_state`: what a driver was asked for is on
 * disk before it is asked, so that no kubelet forgets it. Upstream: claimInfoCache of pkg/kubelet/cm/dra.
 */

import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import { StateFile, StateFileError } from '../../paths/state-file.ts';
import { checkpointText, parseCheckpoint } from './checkpoint.ts';
import type { PreparedClaim } from './prepared-claim.ts';

const stateFile = 'dra_manager_state';

export class PreparedClaims {
  readonly #file: StateFile;
  /** By namespace and name. */
  readonly #claims = new Map<string, PreparedClaim>();
  /** The end of the last change of a claim. */
  readonly #turns = new Map<string, Promise<void>>();

  private constructor(file: StateFile) {
    this.#file = file;
  }

  /** Rejects, with upstream's words and what to do, when the state of an earlier kubelet cannot be read. */
  static async open(log: Log, dir: string): Promise<PreparedClaims> {
    const claims = new PreparedClaims(new StateFile(log, `${dir}/${stateFile}`));
    const text = await claims.#file.read();
    try {
      for (const claim of text === '' ? [] : parseCheckpoint(text)) claims.set(claim);
    } catch (error) {
      const reason = `failed to get checkpoint ${stateFile}: ${errorText(error)}`;
      const advice = `please drain this node and delete the state file ${JSON.stringify(claims.#file.path)}`;
      throw new StateFileError(
        `create ResourceClaim cache: GetOrCreate() on checkpoint state: ${reason}, ${advice}`,
      );
    }
    if (text === '') await claims.save();
    return claims;
  }

  get(namespace: string, name: string): PreparedClaim | undefined {
    return this.#claims.get(keyOf(namespace, name));
  }

  list(): PreparedClaim[] {
    return [...this.#claims.values()];
  }

  ofPod(podUid: string): PreparedClaim[] {
    return this.list().filter(({ podUids }) => podUids.has(podUid));
  }

  set(claim: PreparedClaim): void {
    this.#claims.set(keyOf(claim.namespace, claim.name), claim);
  }

  delete({ namespace, name }: PreparedClaim): void {
    this.#claims.delete(keyOf(namespace, name));
  }

  /** On disk when it resolves, with all changes so far. */
  save(): Promise<void> {
    this.#file.save(() => checkpointText(this.#claims.values()));
    return this.#file.saved();
  }

  /**
   * Runs `change` when no other change of these claims is under way: a claim is not unprepared for one pod while it is
   * prepared for the next.
   */
  async alone<T>(namespace: string, names: readonly string[], change: () => Promise<T>): Promise<T> {
    const keys = names.map((name) => keyOf(namespace, name));
    const before = Promise.all(keys.map((key) => this.#turns.get(key)));
    const { promise: turn, resolve: end } = Promise.withResolvers<void>();
    for (const key of keys) this.#turns.set(key, turn);
    try {
      await before;
      return await change();
    } finally {
      end();
      for (const key of keys) if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
