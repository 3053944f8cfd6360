/**
 * Keeps one Node object alive: registered, its status fresh, its lease renewed, its pod range handed to the
 * runtime.
 */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node, NodeSpec, NodeStatus } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { Stored } from '#api/meta/object.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import { type BackOffLimits, backOffMs } from '#base/back-off.ts';
import { sleep, type Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { Pressure } from '../admission/pressure.ts';
import type { PodNetwork } from '../runtime/pod-network.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { extendedAmounts, noExtendedAmounts, type ResourceAmounts } from './extended-resources.ts';
import { KnownStatus } from './known-status.ts';
import type { LeaseLoop } from './lease.ts';
import { type NodeFacts, readNodeStatus, registerNode } from './status.ts';

const eventReasons: Record<string, string> = {
  'Ready=True': 'NodeReady',
  'Ready=False': 'NodeNotReady',
  'MemoryPressure=True': 'NodeHasInsufficientMemory',
  'MemoryPressure=False': 'NodeHasSufficientMemory',
  'DiskPressure=True': 'NodeHasDiskPressure',
  'DiskPressure=False': 'NodeHasNoDiskPressure',
  'PIDPressure=True': 'NodeHasInsufficientPID',
  'PIDPressure=False': 'NodeHasSufficientPID',
};
export const lookIntervalMs = 10_000;
/** Until the node is ready and has its pod range; longer each time. */
const quickLook: BackOffLimits = { initialMs: 50, maxMs: 500 };
export const reportIntervalMs = 5 * 60_000;
const registerRetryMs = 1000;
const noAmounts: ResourceAmounts = { capacity: {}, allocatable: {} };

/** The volumes in use that the status of the node lists. */
export interface ReportedVolumes {
  names(): string[];
  /** `onChange` is called when the status is to be written again. */
  subscribe(onChange: () => void): void;
  /** A status with these names was written. */
  reported(names: readonly string[]): void;
}

/** The resources of device plugins. */
export interface ReportedDevices {
  amounts(): ResourceAmounts;
  /** False where the extended resources of the Node are of an earlier machine of its name. */
  readonly isKnownNode: boolean;
}

export class NodeAgent {
  readonly #env: Env;
  readonly #client: Client;
  readonly #runtime: Runtime;
  readonly #facts: NodeFacts;
  readonly #leases: LeaseLoop;
  readonly #events: EventRecorder;
  readonly #pressures: () => ReadonlySet<Pressure>;
  readonly #problem: () => string | undefined;
  readonly #podNetwork: PodNetwork | undefined;
  readonly #whenRegistered: (() => Promise<void>) | undefined;
  readonly #volumesInUse: ReportedVolumes | undefined;
  readonly #devices: ReportedDevices | undefined;
  readonly #node: () => Stored<Node> | undefined;
  readonly #known = new KnownStatus();
  #isLooking = false;
  #mustLookAgain = false;
  /** The cached Node may be old: the API could not be reached. */
  #mustRead = false;
  #reportedAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  readonly #stopping = new AbortController();
  #podCidr: string | undefined;
  #quickLooks = 0;

  constructor(
    parts: {
      env: Env;
      client: Client;
      runtime: Runtime;
      leases: LeaseLoop;
      /** Default none. */
      pressures?: () => ReadonlySet<Pressure>;
      /** What else keeps the node from being ready; default nothing. */
      problem?: () => string | undefined;
      podNetwork?: PodNetwork;
      whenRegistered?: () => Promise<void>;
      volumesInUse?: ReportedVolumes;
      devices?: ReportedDevices | undefined;
      /**
       * As it is cached; without it extended resources that users set are not made allocatable, and what others write
       * over the status stays until the next report.
       */
      node?: () => Stored<Node> | undefined;
    },
    facts: NodeFacts,
    events: EventRecorder,
  ) {
    this.#env = parts.env;
    this.#client = parts.client;
    this.#runtime = parts.runtime;
    this.#leases = parts.leases;
    this.#facts = facts;
    this.#events = events;
    this.#pressures = parts.pressures ?? (() => new Set());
    this.#problem = parts.problem ?? (() => undefined);
    this.#podNetwork = parts.podNetwork;
    this.#whenRegistered = parts.whenRegistered;
    this.#volumesInUse = parts.volumesInUse;
    this.#devices = parts.devices;
    this.#node = parts.node ?? (() => undefined);
  }

  /** Resolves when the Node exists and its first status is written, or when it was stopped before. */
  async start(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && !(await this.#register())) {
      await sleep(this.#env.clock, registerRetryMs, signal).catch(() => undefined);
    }
  }

  stop(): void {
    this.#stopping.abort();
    this.#timer?.cancel();
    this.#leases.remove(this.#facts.nodeName);
  }

  /** False when it has to be tried again. */
  async #register(): Promise<boolean> {
    const { nodeName } = this.#facts;
    try {
      const node = await registerNode(this.#client, this.#facts);
      const { metadata, spec, status } = node;
      if (this.#stopping.signal.aborted) return false;
      this.#known.see(node);
      await this.#resetExtended(status);
      await this.#whenRegistered?.();
      if (!spec?.podCIDR) await this.#podNetwork?.use([]);
      await this.#takePodCidrs(spec);
      this.#tell('Starting', 'Starting kubelet.');
      const onRenewedAgain = () => this.#readSoon();
      await this.#leases.add({ client: this.#client, nodeName, nodeUid: metadata.uid, onRenewedAgain });
      await this.#look();
      this.#volumesInUse?.subscribe(() => this.lookSoon());
      return true;
    } catch (error) {
      const problem = { node: nodeName, error: String(error) };
      if (!this.#stopping.signal.aborted) this.#env.log.warn('the node could not be registered', problem);
      return false;
    }
  }

  async #look(): Promise<void> {
    this.#known.see(this.#node());
    const more = { pressures: this.#pressures(), problem: this.#problem() };
    const read = await readNodeStatus(this.#env, this.#runtime, this.#facts, this.#known.status, more);
    const extended = extendedAmounts(this.#node()?.status, this.#devices?.amounts() ?? noAmounts);
    const status = {
      ...read,
      capacity: { ...extended.capacity, ...read.capacity },
      allocatable: { ...extended.allocatable, ...read.allocatable },
      ...(this.#volumesInUse ? { volumesInUse: this.#volumesInUse.names() } : {}),
    };
    const due = this.#env.clock.monotonicMs() - this.#reportedAtMs >= reportIntervalMs;
    if (due || !this.#known.isReported(status)) await this.#report(status);
    const ready = isNodeReady({ status });
    this.#again(ready && this.#podCidr ? lookIntervalMs : backOffMs(quickLook, ++this.#quickLooks));
  }

  /** On a node that is new to this machine extended resources are zero until they are there, as upstream. */
  async #resetExtended(before: NodeStatus | undefined): Promise<void> {
    const amounts = noExtendedAmounts(before);
    if (!this.#devices || this.#devices.isKnownNode || Object.keys(amounts).length === 0) return;
    const status = { capacity: amounts, allocatable: amounts };
    const name = { name: this.#facts.nodeName };
    await this.#client.patch(nodes, name, 'strategic', { status }, { subresource: 'status' });
  }

  async #report(status: NodeStatus): Promise<void> {
    const { nodeName } = this.#facts;
    const node = await this.#client.patch(
      nodes,
      { name: nodeName },
      'strategic',
      { status },
      { subresource: 'status' },
    );
    this.#tellChanges(status);
    this.#volumesInUse?.reported(status.volumesInUse ?? []);
    this.#known.reported(status, node);
    this.#reportedAtMs = this.#env.clock.monotonicMs();
    await this.#takePodCidrs(node.spec);
  }

  /** `NodeReady`, `NodeHasSufficientMemory`, … when a condition turns. */
  #tellChanges(status: NodeStatus): void {
    for (const { type, status: value } of status.conditions ?? []) {
      const before = conditionOf(this.#known.status, type)?.status;
      const reason = eventReasons[`${type}=${value}`];
      // A node that is new is not ready: that is no news, as with upstream.
      if (type === 'Ready' && before === undefined) continue;
      if (before !== value && reason) {
        this.#tell(reason, `Node ${this.#facts.nodeName} status is now: ${reason}`);
      }
    }
  }

  /** Upstream names the node by its name where others have the uid. */
  #tell(reason: string, message: string): void {
    const { nodeName } = this.#facts;
    this.#events.event({ kind: 'Node', name: nodeName, uid: nodeName }, 'Normal', reason, message);
  }

  async #takePodCidrs({ podCIDR: podCidr, podCIDRs }: NodeSpec = {}): Promise<void> {
    if (!podCidr || podCidr === this.#podCidr) return;
    await this.#runtime.updatePodCidr(podCidr);
    await this.#podNetwork?.use(podCIDRs ?? [podCidr]);
    this.#podCidr = podCidr;
    // The runtime needs a moment only.
    this.#quickLooks = 0;
  }

  /** The node is not what was reported: look at it now. */
  lookSoon(): void {
    if (this.#isLooking) this.#mustLookAgain = true;
    else this.#again(0);
  }

  #again(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#stopping.signal.aborted) return;
    this.#timer = this.#env.clock.after(delayMs, () => {
      void this.#lookSafely();
    });
  }

  async #lookSafely(): Promise<void> {
    this.#isLooking = true;
    this.#mustLookAgain = false;
    await this.#lookOnce();
    this.#isLooking = false;
    if (this.#mustLookAgain) this.lookSoon();
  }

  async #lookOnce(): Promise<void> {
    try {
      if (!this.#podCidr) await this.#takePodCidrs((await this.#read()).spec);
      else if (this.#mustRead) await this.#read();
      await this.#look();
    } catch (error) {
      this.#env.log.debug('the node status could not be written', { error: String(error) });
      this.#again(registerRetryMs);
    }
  }

  /** The node controller may have taken the node for lost, and the watch of its Node comes back late. */
  #readSoon(): void {
    this.#mustRead = true;
    this.lookSoon();
  }

  async #read(): Promise<Stored<Node>> {
    const node = await this.#client.get(nodes, { name: this.#facts.nodeName });
    this.#mustRead = false;
    this.#known.see(node);
    return node;
  }
}
