/** A scheduler against a real API server: nodes and pods by their shapes, and what became of the pods. */

import { events, nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { eventually } from './client-suite.ts';
import { makeNode, makePod, type NodeShape, type PodShape } from './scheduling/objects.ts';

const namespace = 'default';

export class ScheduledCluster {
  readonly env: Env;
  readonly client: Client;

  constructor(env: Env, client: Client) {
    this.env = env;
    this.client = client;
  }

  async node(shape: NodeShape): Promise<void> {
    const { metadata, spec, status } = makeNode(shape);
    const { name, labels } = metadata;
    await this.client.create(nodes, { metadata: { name, labels: labels! }, spec: spec! });
    await this.client.patch(nodes, { name }, 'merge', { status }, { subresource: 'status' });
  }

  async pod(shape: PodShape & { name: string }, more: Partial<Pod['spec']> = {}): Promise<void> {
    const { spec } = makePod(shape).pod;
    const { requests } = shape;
    // Extended resources need limits.
    if (requests) Object.assign(spec!.containers[0]!.resources ?? {}, { limits: requests });
    await this.client.create(pods, {
      metadata: { name: shape.name, namespace, labels: shape.labels ?? {} },
      spec: { ...spec!, ...more },
    });
  }

  get(name: string) {
    return this.client.get(pods, { namespace, name });
  }

  bound(name: string): Promise<string> {
    return eventually(this.env, `${name} is bound`, async () => (await this.get(name)).spec?.nodeName);
  }

  unschedulable(name: string): Promise<string> {
    return eventually(this.env, `${name} is unschedulable`, async () => {
      const { status } = await this.get(name);
      const condition = status?.conditions?.find((each) => each.type === 'PodScheduled');
      return condition?.status === 'False' && condition.reason === 'Unschedulable'
        ? condition.message
        : undefined;
    });
  }

  event(about: string, reason: string): Promise<string> {
    return eventually(this.env, `${reason} of ${about}`, async () => {
      const { items } = await this.client.list(events, { namespace });
      const found = items.find((each) => each.involvedObject.name === about && each.reason === reason);
      return found && `${found.type} ${found.source?.component}: ${found.message}`;
    });
  }
}
