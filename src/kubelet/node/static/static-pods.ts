/**
 * The pods of a node, static ones among them: those of the API but for mirror pods, and those of the manifests. A
 * changed manifest is another pod, which begins when the one before it has ended. Each static pod has a mirror pod in
 * the API that shows its status: made again when a user deletes it, and deleted when the static pod has ended.
 */

import type { OwnerReference } from '#api/meta/object.ts';
import { isMirrorPod, mirrorAnnotation } from '#api/pods/mirror-pod.ts';
import { type BackOffLimits, backOffMs } from '#base/back-off.ts';
import { nextTurn, rfc3339Micro, type Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { PodHandlers, PodSource } from '../pod-source.ts';
import { createMirror, deleteMirror } from './mirror-pods.ts';

const seenAnnotation = 'kubernetes.io/config.seen';
/** While a pod has to end. */
const endPollMs = 500;
/** After a mirror pod could not be written. */
const mirrorRetry: BackOffLimits = { initialMs: 1000, maxMs: 20_000 };
/** One change of a file is several of its folder. */
const changePauseMs = 50;

export interface Manifests {
  readonly pods: readonly NodePod[];
  /** Every source of manifests has answered, now or before: what is not among the pods is gone. */
  readonly areComplete: boolean;
}

export interface StaticPodsParts {
  readonly env: Env;
  /** Acts as the node. */
  readonly client: Client;
  /** All pods that the API has of this node. */
  readonly source: PodSource;
  /** The manifests as they are now; rejects when nothing is known of them. */
  readonly manifests: () => Promise<Manifests>;
  /** How often they are read again. */
  readonly intervalMs: number;
  /** Calls back when they may have changed; returns the function that ends it. */
  readonly watch: (onChange: () => void) => () => void;
  /** Undefined before the node is registered, and when it is being deleted. */
  readonly nodeOwner: () => OwnerReference | undefined;
}

/** By namespace and name, what a static pod and its mirror have in common. */
const nameOf = ({ metadata }: NodePod) => `${metadata.namespace}/${metadata.name}`;

export class StaticPods implements PodSource {
  readonly #parts: StaticPodsParts;
  readonly #mirrors = new Map<string, NodePod>();
  readonly #running = new Map<string, { readonly pod: NodePod; isLeaving: boolean }>();
  #wanted: ReadonlyMap<string, NodePod> = new Map();
  #handlers: PodHandlers | undefined;
  readonly #rounds: Repeater;
  readonly #firstRead = Promise.withResolvers<void>();
  #isKnown = false;
  #areComplete = false;
  #reconciling: Promise<void> | undefined;
  #isStale = false;
  #isStopped = false;
  #changed: Timer | undefined;
  #next: { readonly atMs: number; readonly timer: Timer } | undefined;
  #failures = 0;

  constructor(parts: StaticPodsParts) {
    this.#parts = parts;
    this.#rounds = new Repeater(parts.env.clock, parts.intervalMs, () => this.#read());
  }

  subscribe(nodeName: string, handlers: PodHandlers): () => void {
    this.#handlers = handlers;
    const unsubscribe = this.#parts.source.subscribe(nodeName, {
      ...handlers,
      onPod: (pod) => (isMirrorPod(pod) ? this.#onMirror(pod) : handlers.onPod(pod)),
      onGone: (pod) => (isMirrorPod(pod) ? this.#onMirrorGone(pod) : handlers.onGone(pod)),
    });
    this.#rounds.start(0);
    const unwatch = this.#parts.watch(() => this.#readSoon());
    return () => {
      this.#isStopped = true;
      this.#rounds.stop();
      this.#changed?.cancel();
      this.#next?.timer.cancel();
      unwatch();
      unsubscribe();
    };
  }

  /** Afterwards every pod of the node is known: what belongs to an unknown pod may be removed. */
  async synced(): Promise<void> {
    await Promise.all([this.#parts.source.synced(), this.#firstRead.promise]);
  }

  /** Under which uid the API has this static pod; undefined while it has no mirror. */
  mirrorUid(pod: NodePod): string | undefined {
    return this.#mirrors.get(nameOf(pod))?.metadata.uid;
  }

  #readSoon(): void {
    this.#changed?.cancel();
    this.#changed = this.#parts.env.clock.after(changePauseMs, () => void this.#read());
  }

  async #read(): Promise<void> {
    try {
      const { pods, areComplete } = await this.#parts.manifests();
      this.#wanted = new Map(pods.map((pod) => [nameOf(pod), pod]));
      this.#isKnown = true;
      this.#areComplete = areComplete;
      if (areComplete) this.#firstRead.resolve();
      await this.#reconcile();
    } catch (error) {
      this.#parts.env.log.warn('the manifests of static pods cannot be read', { error: errorText(error) });
    }
  }

  /** One run at a time; when something changes meanwhile, a further run follows. */
  #reconcile(): Promise<void> {
    this.#isStale = true;
    this.#reconciling ??= this.#reconcileWhileStale().finally(() => {
      this.#reconciling = undefined;
    });
    return this.#reconciling;
  }

  async #reconcileWhileStale(): Promise<void> {
    while (this.#isStale && !this.#isStopped) {
      this.#isStale = false;
      if (!this.#isKnown) return;
      if (!(await this.#settlePods())) this.#reconcileIn(endPollMs);
      if (await this.#settleMirrors()) this.#failures = 0;
      else this.#reconcileIn(backOffMs(mirrorRetry, ++this.#failures));
    }
  }

  /** The earlier of two. Each run asks for a further one: were all kept, they would become ever more. */
  #reconcileIn(delayMs: number): void {
    const { clock } = this.#parts.env;
    const atMs = clock.monotonicMs() + delayMs;
    if (this.#next && this.#next.atMs <= atMs) return;
    this.#next?.timer.cancel();
    const timer = clock.after(delayMs, () => {
      this.#next = undefined;
      if (!this.#isStopped) void this.#reconcile();
    });
    this.#next = { atMs, timer };
  }

  /** False while a pod has to end. However many there are, the process does other things between them. */
  async #settlePods(): Promise<boolean> {
    this.#endUnwanted();
    const { clock } = this.#parts.env;
    const wanted = this.#wanted;
    for (const [name, pod] of wanted) {
      // Of manifests that have changed meanwhile the next run takes care.
      if (this.#isStopped || wanted !== this.#wanted) break;
      if (this.#running.has(name)) continue;
      const seen = rfc3339Micro(clock.now());
      pod.metadata.annotations = { ...pod.metadata.annotations, [seenAnnotation]: seen };
      this.#running.set(name, { pod, isLeaving: false });
      this.#handlers!.onPod(pod);
      await nextTurn(clock);
    }
    return ![...this.#running.values()].some(({ isLeaving }) => isLeaving);
  }

  #endUnwanted(): void {
    const handlers = this.#handlers!;
    for (const [name, entry] of this.#running) {
      const { uid } = entry.pod.metadata;
      if (!entry.isLeaving && this.#wanted.get(name)?.metadata.uid !== uid) {
        entry.isLeaving = true;
        handlers.onGone(entry.pod);
      }
      if (entry.isLeaving && handlers.isGone(uid)) this.#running.delete(name);
    }
  }

  /** False when one could not be written. What has changed meanwhile is looked at before the rest: pods do not wait. */
  async #settleMirrors(): Promise<boolean> {
    let areWritten = true;
    const names = new Set([...this.#running.keys(), ...this.#mirrors.keys()]);
    for (const name of names) {
      if (this.#isStale || this.#isStopped) break;
      try {
        await this.#settleMirror(name);
      } catch (error) {
        areWritten = false;
        const problem = { pod: name, error: errorText(error) };
        this.#parts.env.log.warn('the mirror pod of a static pod could not be written', problem);
      }
    }
    return areWritten;
  }

  async #settleMirror(name: string): Promise<void> {
    const entry = this.#running.get(name);
    const mirror = this.#mirrors.get(name);
    // It shows the old pod until that has ended.
    if (entry?.isLeaving) return;
    // Its manifest may be at a source that has not answered yet.
    if (!entry && !this.#areComplete) return;
    const uid = entry?.pod.metadata.uid;
    const fits =
      mirror && !mirror.metadata.deletionTimestamp && mirror.metadata.annotations?.[mirrorAnnotation] === uid;
    if (mirror && !fits) {
      await deleteMirror(this.#parts.client, mirror);
      this.#mirrors.delete(name);
    }
    if (entry && !fits) await this.#create(entry.pod);
  }

  async #create(pod: NodePod): Promise<void> {
    const owner = this.#parts.nodeOwner();
    if (!owner) throw new Error('the node is not registered yet');
    this.#keep(await createMirror(this.#parts.client, pod, owner));
  }

  #onMirror(mirror: NodePod): void {
    this.#keep(mirror);
    void this.#reconcile();
  }

  #onMirrorGone(mirror: NodePod): void {
    const name = nameOf(mirror);
    if (this.#mirrors.get(name)?.metadata.uid !== mirror.metadata.uid) return;
    this.#mirrors.delete(name);
    void this.#reconcile();
  }

  #keep(mirror: NodePod): void {
    const name = nameOf(mirror);
    const before = this.#mirrors.get(name)?.metadata.uid;
    this.#mirrors.set(name, mirror);
    const pod = this.#running.get(name)?.pod;
    if (pod && before !== mirror.metadata.uid) this.#handlers?.onMirror(pod);
  }
}
